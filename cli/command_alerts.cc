#include "cli/command_alerts.h"

#include <map>
#include <memory>

#include "CLI/CLI.hpp"
#include "base/clock.h"
#include "base/escape.h"
#include "cli/client.h"
#include "cli/exit_code.h"
#include "cli/interrupt.h"
#include "cli/render_alert.h"
#include "cli/time_text.h"

namespace gatewatch::cli {
namespace {

struct Options {
  std::string since = "24h";
  v1::Severity at_least = v1::SEVERITY_UNSPECIFIED;
  std::string rule;
  std::string where;
  bool follow = false;
};

const std::map<std::string, v1::Severity>& Severities() {
  static const auto* const names = new std::map<std::string, v1::Severity>{
      {"emergency", v1::SEVERITY_EMERGENCY},
      {"alert", v1::SEVERITY_ALERT},
      {"critical", v1::SEVERITY_CRITICAL},
      {"error", v1::SEVERITY_ERROR},
      {"warning", v1::SEVERITY_WARNING},
      {"notice", v1::SEVERITY_NOTICE},
      {"informational", v1::SEVERITY_INFORMATIONAL},
      {"debug", v1::SEVERITY_DEBUG}};
  return *names;
}

v1::AlertFilter FilterOf(const Options& options) {
  v1::AlertFilter filter;
  filter.set_at_least(options.at_least);
  filter.set_rule(options.rule);
  filter.set_where(options.where);
  return filter;
}

void Print(const v1::Alert& alert, const Invocation& invocation) {
  if (invocation.json) {
    WriteJsonLine(alert, invocation.out);
  } else {
    invocation.out << AlertLine(alert) << std::endl;
  }
}

int Follow(const Options& options, const Invocation& invocation) {
  Interrupt interrupt;
  const auto client = Client::Create(invocation.analyzer, invocation.channel);
  if (!client.ok()) return Fail(invocation, client.status());
  interrupt.OnSignal([&client] { (*client)->Cancel(); });
  v1::WatchAlertsRequest request;
  *request.mutable_filter() = FilterOf(options);
  const absl::Status status = (*client)->WatchAlerts(
      request, [&](const v1::Alert& alert) { Print(alert, invocation); });
  return status.ok() ? kExitOk : Fail(invocation, status);
}

int List(const Options& options, const Invocation& invocation) {
  const auto since = ParseMoment(options.since, UnixNanos());
  if (!since.ok()) return Fail(invocation, since.status());
  const auto client = Client::Create(invocation.analyzer, invocation.channel);
  if (!client.ok()) return Fail(invocation, client.status());
  v1::ListAlertsRequest request;
  *request.mutable_filter() = FilterOf(options);
  request.set_since_ns(*since);
  uint64_t count = 0;
  const absl::Status status =
      (*client)->ForEachAlert(request, [&](const v1::Alert& alert) {
        ++count;
        Print(alert, invocation);
      });
  if (!status.ok()) return Fail(invocation, status);
  if (count > 0) return kExitOk;
  invocation.err << "No alerts since " << EscapeForTerminal(options.since)
                 << ".\n";
  return kExitNoMatch;
}

}  // namespace

void AddAlertsCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("alerts", "List what the rules found");
  command->footer(
      "Examples:\n"
      "  gatewatch alerts --since 1h --severity critical\n"
      "  gatewatch alerts --follow --where 'container.name=web'\n"
      "Exits with 1 when nothing matches.");
  // Shared by the option parser, which fills it, and the action.
  const auto options = std::make_shared<Options>();
  CLI::Option* since = command->add_option(
      "--since", options->since, "30m, 1h, 2d or 2026-01-31T12:00:00Z");
  since->capture_default_str();
  command
      ->add_option("--severity", options->at_least,
                   "only alerts at least this severe")
      ->transform(CLI::CheckedTransformer(Severities(), CLI::ignore_case)
                      .description(""))
      ->type_name("critical|error|warning|notice|…");
  command->add_option("--rule", options->rule, "only this rule's");
  command->add_option("--where", options->where,
                      "a condition in the rule language");
  command
      ->add_flag("--follow", options->follow,
                 "show alerts as they happen, until interrupted")
      ->excludes(since);
  AddOutputOption(*command, invocation);
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] {
      return options->follow ? Follow(*options, invocation)
                             : List(*options, invocation);
    };
  });
}

}  // namespace gatewatch::cli
