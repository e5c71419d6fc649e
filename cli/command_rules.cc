#include "cli/command_rules.h"

#include <memory>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/escape.h"
#include "cli/client.h"
#include "cli/exit_code.h"
#include "cli/render_alert.h"
#include "cli/table.h"
#include "detection/rule_set.h"

namespace gatewatch::cli {
namespace {

int List(const Invocation& invocation) {
  const auto client = Client::Create(invocation.analyzer, invocation.insecure);
  if (!client.ok()) return Fail(invocation, client.status());
  const auto rules = (*client)->ListRules();
  if (!rules.ok()) return Fail(invocation, rules.status());
  Table table({"RULE", "SEVERITY", "ENABLED", "TAGS"});
  for (const v1::Rule& rule : rules->rules()) {
    if (invocation.json) {
      WriteJsonLine(rule, invocation.out);
    } else {
      table.Add({rule.name(), SeverityName(rule.severity()),
                 rule.enabled() ? "yes" : "no",
                 absl::StrJoin(rule.tags(), ", ")});
    }
  }
  if (!invocation.json) table.Write(invocation.out);
  return rules->rules().empty() ? kExitNoMatch : kExitOk;
}

void WriteRule(const v1::GetRuleResponse& response, std::ostream& out) {
  const v1::Rule& rule = response.rule();
  out << EscapeForTerminal(rule.name()) << "  ("
      << SeverityName(rule.severity())
      << (rule.enabled() ? ")\n" : ", disabled)\n") << "from "
      << EscapeForTerminal(rule.file()) << ":" << rule.line() << ", fired "
      << response.fired() << " times since the analyzer started\n";
  const auto section = [&out](const char* heading, const std::string& text) {
    if (text.empty()) return;
    out << '\n' << heading << '\n';
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      out << "  " << EscapeForTerminal(line) << '\n';
    }
  };
  section("Description", rule.description());
  section("Condition", rule.condition());
  section("With macros and lists expanded", rule.expanded_condition());
  section("Output", rule.output());
  section("Tags", absl::StrJoin(rule.tags(), ", "));
}

int Show(const std::string& name, const Invocation& invocation) {
  const auto client = Client::Create(invocation.analyzer, invocation.insecure);
  if (!client.ok()) return Fail(invocation, client.status());
  const auto rule = (*client)->GetRule(name);
  if (!rule.ok()) return Fail(invocation, rule.status());
  if (invocation.json) {
    WriteJsonLine(*rule, invocation.out);
  } else {
    WriteRule(*rule, invocation.out);
  }
  return kExitOk;
}

// Every error is the file's, so that NOT_FOUND is no "no match" here.
int FailCheck(const Invocation& invocation, const absl::Status& status) {
  for (const absl::string_view line : absl::StrSplit(
           absl::string_view(status.message()), '\n', absl::SkipEmpty())) {
    invocation.err << EscapeForTerminal(line) << '\n';
  }
  return kExitUsage;
}

int Check(const std::vector<std::string>& paths, const Invocation& invocation) {
  const auto sources = detection::ReadRuleSources(paths);
  if (!sources.ok()) return FailCheck(invocation, sources.status());
  std::vector<std::string> warnings;
  const auto rules = detection::RuleSet::Load(*sources, &warnings);
  for (const std::string& warning : warnings) {
    invocation.err << "warning: " << EscapeForTerminal(warning) << '\n';
  }
  if (!rules.ok()) return FailCheck(invocation, rules.status());
  const auto counted = [](size_t count, const char* what) {
    return absl::StrCat(count, " ", what, count == 1 ? "" : "s");
  };
  invocation.out << counted((*rules)->rules().size(), "rule") << " in "
                 << counted(sources->size(), "file") << ", all fine\n";
  return kExitOk;
}

void AddList(CLI::App& rules, Invocation& invocation) {
  CLI::App* command =
      rules.add_subcommand("list", "List the rules of the analyzer");
  command->footer("Example:\n  gatewatch rules list");
  AddOutputOption(*command, invocation);
  command->callback([&invocation] {
    invocation.action = [&invocation] { return List(invocation); };
  });
}

void AddShow(CLI::App& rules, Invocation& invocation) {
  CLI::App* command = rules.add_subcommand("show", "Show one rule");
  command->footer("Example:\n  gatewatch rules show 'Reverse shell'");
  const auto name = std::make_shared<std::string>();
  command->add_option("NAME", *name, "the rule's name")->required();
  AddOutputOption(*command, invocation);
  command->callback([name, &invocation] {
    invocation.action = [name, &invocation] { return Show(*name, invocation); };
  });
}

void AddCheck(CLI::App& rules, Invocation& invocation) {
  CLI::App* command = rules.add_subcommand(
      "check", "Check rule files on this machine, without an analyzer");
  command->footer(
      "Example:\n  gatewatch rules check my-rules.yaml rules.d/\n"
      "All files are loaded together, in this order. Exits with 2 and the "
      "positions of\nall errors when something is wrong.");
  const auto paths = std::make_shared<std::vector<std::string>>();
  command->add_option("PATH", *paths, "files or folders")->required();
  command->callback([paths, &invocation] {
    invocation.action = [paths, &invocation] {
      return Check(*paths, invocation);
    };
  });
}

}  // namespace

void AddRulesCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("rules", "List, show and check detection rules");
  command->footer("Example:\n  gatewatch rules check my-rules.yaml");
  command->require_subcommand(1);
  AddList(*command, invocation);
  AddShow(*command, invocation);
  AddCheck(*command, invocation);
}

}  // namespace gatewatch::cli
