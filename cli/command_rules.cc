#include "cli/command_rules.h"

#include <memory>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/escape.h"
#include "cli/client.h"
#include "cli/command_rules_check.h"
#include "cli/command_rules_fields.h"
#include "cli/command_rules_status.h"
#include "cli/command_rules_test.h"
#include "cli/exit_code.h"
#include "cli/render_alert.h"
#include "cli/table.h"
#include "cli/time_text.h"

namespace gatewatch::cli {
namespace {

int List(const Invocation& invocation) {
  const auto client = Client::Create(invocation.analyzer, invocation.channel);
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
  if (rules->status().errors_size() > 0) {
    invocation.err << "the rule files have been wrong since "
                   << FormatMoment(rules->status().failed_ns())
                   << ", and these rules are still those before: see "
                      "gatewatch rules status\n";
  }
  return rules->rules().empty() ? kExitNoMatch : kExitOk;
}

void WriteRule(const v1::GetRuleResponse& response, std::ostream& out) {
  const v1::Rule& rule = response.rule();
  out << EscapeForTerminal(rule.name()) << "  ("
      << SeverityName(rule.severity())
      << (rule.enabled() ? ")\n" : ", disabled)\n") << "from "
      << EscapeForTerminal(rule.file()) << ":" << rule.line() << ", fired "
      << response.fired() << " times";
  if (response.silenced() > 0) {
    out << " and silenced " << response.silenced() << " times";
  }
  out << " since the analyzer started\n";
  if (!rule.reason().empty()) {
    out << EscapeForTerminal(rule.status()) << ": "
        << EscapeForTerminal(rule.reason()) << '\n';
  }
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
  const auto client = Client::Create(invocation.analyzer, invocation.channel);
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

}  // namespace

void AddRulesCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "rules", "List, show, check, test and tune detection rules");
  command->footer("Example:\n  gatewatch rules check my-rules.yaml");
  command->require_subcommand(1);
  AddList(*command, invocation);
  AddRulesStatusCommand(*command, invocation);
  AddShow(*command, invocation);
  AddRulesCheckCommand(*command, invocation);
  AddRulesTestCommand(*command, invocation);
  AddRulesFieldsCommand(*command, invocation);
}

}  // namespace gatewatch::cli
