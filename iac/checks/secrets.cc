#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "iac/checks/checks.h"
#include "iac/checks/each.h"
#include "iac/checks/secret_text.h"
#include "re2/re2.h"

namespace gatewatch::iac {
namespace {

// The credentials of the task, the instance or the pod.
constexpr char kCredentials[] =
    R"(169\.254\.170\.2\b|169\.254\.169\.254|169\.254\.170\.23|)"
    R"(fd00:ec2::254|AWS_CONTAINER_CREDENTIALS_(RELATIVE|FULL)_URI)";

// Whatever a server says is run.
constexpr char kPiped[] =
    R"(\b(curl|wget|fetch)\b[^|;&]*\|\s*(sudo\s+)?(\S*/)?(ba|da|z|k)?sh\b|)"
    R"((ba|da|z|k)?sh\s+(-c\s+)?["']?(\$\(|<\(|`)\s*(curl|wget)\b|)"
    R"(\b(curl|wget)\b[^|;&]*\|\s*(python3?|perl|ruby|node)\b)";

// Never says what the secret is.
void CheckValue(const Container& container, absl::string_view where,
                const NamedText& named, Report& report) {
  const Text& value = named.value;
  const std::string form = KnownSecret(value.value);
  if (!form.empty()) {
    report.Add(container.subject, value.place,
               absl::StrCat(where, " ", named.name, " holds ", form));
    return;
  }
  const bool named_so = IsSecretName(named.name);
  if (named_so && value.unknown()) {
    report.AddUnknown(
        container.subject, value.place,
        absl::StrCat("whether ", where, " ", named.name, " holds a secret"));
  } else if (value.known() && ((named_so && CouldBeSecret(value.value)) ||
                               LooksRandom(value.value))) {
    report.Add(container.subject, value.place,
               absl::StrCat(
                   where, " ", named.name, " holds what ",
                   named_so ? "its name calls a secret" : "looks like a key"));
  }
}

// "--password=hunter2", and an option followed by its value.
void CheckArguments(const Container& container, const TextList& arguments,
                    Report& report) {
  static const RE2* const kAssigned =
      new RE2(R"((?:^|[\s;&"'])-{0,2}([A-Za-z][\w.-]*)=([^\s"';&]+))");
  for (const Text& argument : arguments.value) {
    const std::string form = KnownSecret(argument.value);
    if (!form.empty()) {
      report.Add(container.subject, argument.place,
                 absl::StrCat("its command holds ", form));
      continue;
    }
    re2::StringPiece rest(argument.value);
    std::string name;
    std::string value;
    while (RE2::FindAndConsume(&rest, *kAssigned, &name, &value)) {
      if (!IsSecretName(name) || !CouldBeSecret(value)) continue;
      report.Add(container.subject, argument.place,
                 absl::StrCat("its command gives ", name, " a secret"));
    }
  }
}

void CheckCommand(const Container& container, const TextList& command,
                  absl::string_view what, Report& report) {
  static const RE2* const kAsks = new RE2(kCredentials);
  static const RE2* const kRuns = new RE2(kPiped);
  const std::string line = Joined(command);
  if (RE2::PartialMatch(line, *kAsks)) {
    report.Add(container.subject, command.place,
               absl::StrCat(what, " asks for the credentials of its role"));
  }
  if (RE2::PartialMatch(line, *kRuns)) {
    report.Add(container.subject, command.place,
               absl::StrCat(what, " runs whatever a server sends"));
  }
  if (HoldsUnknown(command)) {
    report.AddUnknown(container.subject, command.place,
                      absl::StrCat("what ", what, " does"));
  }
}

bool ReadsSecrets(const Text& action) {
  return absl::StartsWithIgnoreCase(action.value, "secretsmanager:") ||
         absl::StartsWithIgnoreCase(action.value, "ssm:Get");
}

}  // namespace

void CheckPlainSecrets(const Model& model, Report& report) {
  EachContainer(model, [&](const Workload&, const Container& container) {
    for (const NamedText& variable : container.environment) {
      CheckValue(container, "the variable", variable, report);
    }
    for (const NamedText& label : container.labels) {
      CheckValue(container, "the label", label, report);
    }
    for (const NamedText& option : container.log_options) {
      CheckValue(container, "the log option", option, report);
    }
    CheckArguments(container, container.entry_point, report);
    CheckArguments(container, container.command, report);
  });
}

void CheckCommands(const Model& model, Report& report) {
  EachContainer(model, [&](const Workload&, const Container& container) {
    CheckCommand(container, container.entry_point, "its entry point", report);
    CheckCommand(container, container.command, "its command", report);
    CheckCommand(container, container.health_check, "its health check", report);
  });
}

void CheckSecretScope(const Model& model, Report& report) {
  for (const Role& role : model.roles) {
    if (!role.for_tasks) continue;
    for (const Role::Statement& statement : role.statements) {
      const bool any =
          absl::c_any_of(statement.resources.value, [](const Text& resource) {
            return resource.Is("*") ||
                   absl::EndsWith(resource.value, ":secret:*") ||
                   absl::EndsWith(resource.value, ":parameter/*");
          });
      if (!statement.allows || !any ||
          absl::c_none_of(statement.actions.value, ReadsSecrets)) {
        continue;
      }
      report.Add(role.subject, statement.place,
                 "may read every secret of the account");
    }
  }
  EachContainer(model, [&](const Workload&, const Container& container) {
    for (const Text& file : container.environment_files.value) {
      report.Add(container.subject, file.place,
                 "takes variables from a file in S3, which whoever may write "
                 "there changes");
    }
  });
}

}  // namespace gatewatch::iac
