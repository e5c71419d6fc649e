#include "cli/command_rules_check.h"

#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/escape.h"
#include "cli/exit_code.h"
#include "cli/render_alert.h"
#include "cli/rule_options.h"
#include "detection/rule_set.h"
#include "nlohmann/json.hpp"

namespace gatewatch::cli {
namespace {

using nlohmann::ordered_json;

void WriteLine(const v1::Rule& rule, std::ostream& out) {
  out << absl::StrFormat("%-11s  %s", rule.status(),
                         EscapeForTerminal(rule.name()));
  if (!rule.reason().empty()) out << ": " << EscapeForTerminal(rule.reason());
  out << '\n';
}

void WriteJson(const v1::Rule& rule, std::ostream& out) {
  const auto texts = [](const auto& list) {
    return std::vector<std::string>(list.begin(), list.end());
  };
  const ordered_json line = {
      {"name", rule.name()},        {"id", rule.id()},
      {"status", rule.status()},    {"reason", rule.reason()},
      {"format", rule.format()},    {"severity", SeverityName(rule.severity())},
      {"tags", texts(rule.tags())}, {"guardduty", texts(rule.guardduty())},
      {"file", rule.file()}};
  out << line.dump(-1, ' ', false, ordered_json::error_handler_t::replace)
      << '\n';
}

// "3 rules in 1 file: 2 supported, 1 degraded"
void WriteSummary(const std::vector<v1::Rule>& rules, size_t files,
                  std::ostream& out) {
  const auto counted = [](size_t count, const char* what) {
    return absl::StrCat(count, " ", what, count == 1 ? "" : "s");
  };
  out << counted(rules.size(), "rule") << " in " << counted(files, "file");
  const char* separator = ": ";
  for (const char* status : {"supported", "degraded", "unsupported"}) {
    size_t count = 0;
    for (const v1::Rule& rule : rules) count += rule.status() == status;
    if (count == 0) continue;
    out << separator << count << ' ' << status;
    separator = ", ";
  }
  out << '\n';
}

int Check(const detection::RulePaths& paths, const Invocation& invocation) {
  const auto sources = detection::ReadAllSources(paths);
  if (!sources.ok()) {
    invocation.err << EscapeForTerminal(sources.status().message()) << '\n';
    return kExitUsage;
  }
  const detection::RuleReport report = detection::RuleSet::Check(*sources);
  for (const std::string& warning : report.warnings) {
    invocation.err << "warning: " << EscapeForTerminal(warning) << '\n';
  }
  for (const std::string& error : report.errors) {
    invocation.err << EscapeForTerminal(error) << '\n';
  }
  bool unsupported = false;
  for (const v1::Rule& rule : report.rules) {
    (invocation.json ? WriteJson : WriteLine)(rule, invocation.out);
    unsupported |= rule.status() == "unsupported";
  }
  if (!invocation.json) {
    WriteSummary(report.rules, sources->size(), invocation.out);
  }
  if (!report.errors.empty()) return kExitUsage;
  return unsupported ? kExitNoMatch : kExitOk;
}

}  // namespace

void AddRulesCheckCommand(CLI::App& rules, Invocation& invocation) {
  CLI::App* command = rules.add_subcommand(
      "check", "Check rule files on this machine, without an analyzer");
  command->footer(
      "Examples:\n  gatewatch rules check my-rules.yaml rules.d/\n"
      "  gatewatch rules check rules.d/ --tuning tuning.yaml\n"
      "All files are loaded together, in this order. Of each rule it says "
      "whether it is\nsupported, degraded (which field or call is not known "
      "on which rung) or\nunsupported (why). Exits with 2 and the positions "
      "of all errors when something is\nwrong, with 1 when a rule is "
      "unsupported.");
  const auto paths = std::make_shared<detection::RulePaths>();
  command->add_option("PATH", paths->rules, "files or folders")->required();
  AddTuningOptions(*command, *paths);
  AddOutputOption(*command, invocation);
  command->callback([paths, &invocation] {
    invocation.action = [paths, &invocation] {
      return Check(*paths, invocation);
    };
  });
}

}  // namespace gatewatch::cli
