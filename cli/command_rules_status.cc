#include "cli/command_rules_status.h"

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "base/escape.h"
#include "cli/client.h"
#include "cli/exit_code.h"
#include "cli/render_alert.h"
#include "cli/rule_options.h"
#include "cli/time_text.h"

namespace gatewatch::cli {
namespace {

void WriteSilence(const v1::Silence& silence, std::ostream& out) {
  out << "  " << DescribeSilence(silence) << "\n      " << silence.count()
      << (silence.count() == 1 ? " alert" : " alerts") << " kept back";
  if (silence.count() > 0) {
    out << ", from " << FormatMoment(silence.first_time_ns()) << " to "
        << FormatMoment(silence.last_time_ns());
  }
  if (!silence.file().empty()) {
    out << "; " << EscapeForTerminal(silence.file()) << ":" << silence.line();
  }
  out << '\n';
}

void WriteStatus(int rules, const v1::RuleSetStatus& status,
                 std::ostream& out) {
  out << rules << " rules, at work since "
      << FormatMoment(status.active_since_ns()) << ", " << status.reloads()
      << (status.reloads() == 1 ? " reload" : " reloads")
      << " since the analyzer started\n";
  for (const std::string& path : status.paths()) {
    out << "  reads " << EscapeForTerminal(path) << '\n';
  }
  if (status.errors_size() > 0) {
    out << "\nSince " << FormatMoment(status.failed_ns())
        << " the files are wrong, and the rules before stay at work\n";
    for (const std::string& error : status.errors()) {
      out << "  " << GuardEscaped(error) << '\n';
    }
  }
  if (status.warnings_size() > 0) out << "\nWhat is odd\n";
  for (const std::string& warning : status.warnings()) {
    out << "  " << GuardEscaped(warning) << '\n';
  }
  out << "\nWhat keeps alerts back, counted since the analyzer started\n";
  for (const v1::Silence& silence : status.silences()) {
    WriteSilence(silence, out);
  }
}

int Status(const Invocation& invocation) {
  const auto client = Client::Create(invocation.analyzer, invocation.channel);
  if (!client.ok()) return Fail(invocation, client.status());
  const auto rules = (*client)->ListRules();
  if (!rules.ok()) return Fail(invocation, rules.status());
  if (invocation.json) {
    WriteJsonLine(rules->status(), invocation.out);
  } else {
    WriteStatus(rules->rules_size(), rules->status(), invocation.out);
  }
  return rules->status().errors().empty() ? kExitOk : kExitNoMatch;
}

}  // namespace

void AddRulesStatusCommand(CLI::App& rules, Invocation& invocation) {
  CLI::App* command = rules.add_subcommand(
      "status", "Say which rules are at work, and what keeps alerts back");
  command->footer(
      "Example:\n  gatewatch rules status\n"
      "Tells since when the rules are at work, what is wrong with the files if "
      "they could\nnot be taken over, and how many alerts each exception and "
      "suppression of the\ntuning file has kept back. Exits with 1 when the "
      "files are wrong.");
  AddOutputOption(*command, invocation);
  command->callback([&invocation] {
    invocation.action = [&invocation] { return Status(invocation); };
  });
}

}  // namespace gatewatch::cli
