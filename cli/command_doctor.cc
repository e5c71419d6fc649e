#include "cli/command_doctor.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/escape.h"
#include "cli/doctor_advice.h"
#include "cli/exit_code.h"
#include "cli/table.h"
#include "nlohmann/json.hpp"
#include "probes/host_support.h"

namespace gatewatch::cli {
namespace {

constexpr char kEcsMetadata[] = "ECS_CONTAINER_METADATA_URI_V4";
constexpr char kKubernetesService[] = "KUBERNETES_SERVICE_HOST";

// What the ways of capture mean for who relies on them.
struct Rung {
  const char* name;
  const char* sees;
};

constexpr Rung kLadder[] = {
    {"ebpf", "every call of every process, with its result"},
    {"attach", "every call of containers that run already"},
    {"launch", "every call of what gatewatch-launch or gatewatch run starts"},
    {"ptrace", "the same as launch or attach, at a higher cost"},
    {"procfs", "running processes; short lives can be missed"},
    {"packet", "DNS questions and answers"},
    {"", "nothing: these events are not captured"},
};

// Where Fargate and the agent's own settings come from.
Platform PlatformHere() {
  if (std::getenv(kEcsMetadata) != nullptr) return Platform::kEcs;
  if (std::getenv(kKubernetesService) != nullptr) return Platform::kKubernetes;
  return Platform::kHost;
}

std::string PlatformText() {
  switch (PlatformHere()) {
    case Platform::kEcs:
      return absl::StrCat("an ECS task (metadata at ",
                          EscapeForTerminal(std::getenv(kEcsMetadata)), ")");
    case Platform::kKubernetes:
      return "a Kubernetes pod";
    case Platform::kHost:
      return "no ECS task (ECS_CONTAINER_METADATA_URI_V4 is not set) and no "
             "Kubernetes pod";
  }
  return "";
}

// `text` in lines of at most 80 columns, indented.
std::string Wrapped(const std::string& text) {
  constexpr size_t kIndent = 4, kColumns = 80;
  std::string wrapped;
  size_t column = kColumns;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (column + 1 + word.size() > kColumns) {
      absl::StrAppend(&wrapped, wrapped.empty() ? "" : "\n", "    ", word);
      column = kIndent + word.size();
    } else {
      absl::StrAppend(&wrapped, " ", word);
      column += 1 + word.size();
    }
  }
  return wrapped;
}

void WriteFeatures(const std::vector<probes::HostFeature>& features,
                   std::ostream& out) {
  Table table({"THIS HOST", "", "WHAT WAS TRIED"});
  for (const probes::HostFeature& feature : features) {
    table.Add({feature.name, feature.present ? "yes" : "no", feature.detail});
  }
  table.Write(out);
}

void WriteChoices(const std::vector<probes::RungChoice>& choices,
                  std::ostream& out) {
  out << '\n';
  Table table({"EVENTS", "CAPTURED BY", "WHY NOT BETTER"});
  for (const probes::RungChoice& choice : choices) {
    table.Add({choice.kind, choice.rung.empty() ? "nothing" : choice.rung,
               choice.reason});
  }
  table.Write(out);
}

void WriteMeaning(const std::vector<probes::RungChoice>& choices,
                  std::ostream& out) {
  out << "\nWhat this means\n";
  for (const Rung& rung : kLadder) {
    const auto uses = [&rung](const probes::RungChoice& choice) {
      return choice.rung == rung.name;
    };
    const auto count = std::count_if(choices.begin(), choices.end(), uses);
    if (count == 0) continue;
    out << "  " << count << " kinds of events: " << rung.name
        << (*rung.name == '\0' ? "" : ", which sees ") << rung.sees << '\n';
  }
}

void WriteAdvice(const std::vector<Advice>& advice, std::ostream& out) {
  if (!advice.empty()) out << "\nTo see more\n";
  for (const Advice& piece : advice) {
    out << "  " << piece.feature << '\n' << Wrapped(piece.change) << '\n';
  }
}

void WriteJson(const std::vector<probes::HostFeature>& features,
               const std::vector<probes::RungChoice>& choices,
               const std::vector<Advice>& advice, std::ostream& out) {
  const auto write = [&out](const nlohmann::json& object) {
    constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
    out << object.dump(-1, ' ', /*ensure_ascii=*/false, kReplace) << '\n';
  };
  for (const probes::HostFeature& feature : features) {
    write({{"feature", feature.name},
           {"present", feature.present},
           {"detail", feature.detail}});
  }
  for (const probes::RungChoice& choice : choices) {
    write({{"kind", choice.kind},
           {"method", choice.rung},
           {"reason", choice.reason}});
  }
  for (const Advice& piece : advice) {
    write({{"missing", piece.feature}, {"change", piece.change}});
  }
}

int Show(const Invocation& invocation) {
  const std::vector<probes::HostFeature> features = probes::ProbeHost();
  const std::vector<probes::RungChoice> choices = probes::ChooseRungs(features);
  const std::vector<Advice> advice = AdviceFor(features, PlatformHere());
  if (invocation.json) {
    WriteJson(features, choices, advice, invocation.out);
  } else {
    invocation.out << "This is " << PlatformText() << ".\n\n";
    WriteFeatures(features, invocation.out);
    WriteChoices(choices, invocation.out);
    WriteMeaning(choices, invocation.out);
    WriteAdvice(advice, invocation.out);
  }
  for (const probes::RungChoice& choice : choices) {
    if (choice.rung.empty()) return kExitNoMatch;
  }
  return kExitOk;
}

}  // namespace

void AddDoctorCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "doctor", "Show what this host permits and what to change to see more");
  command->footer(
      "Example:\n"
      "  gatewatch doctor\n"
      "Run it where the agent runs, as the agent's user. Exits with 1 when "
      "some kind of\nevent cannot be captured at all.");
  AddOutputOption(*command, invocation);
  command->callback([&invocation] {
    invocation.action = [&invocation] { return Show(invocation); };
  });
}

}  // namespace gatewatch::cli
