#include "cli/command_events.h"

#include <memory>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_join.h"
#include "base/clock.h"
#include "base/escape.h"
#include "cli/client.h"
#include "cli/exit_code.h"
#include "cli/interrupt.h"
#include "cli/render_event.h"
#include "cli/time_text.h"
#include "proto/event_kind.h"

namespace gatewatch::cli {
namespace {

struct Options {
  std::string since = "1h";
  std::vector<std::string> kinds;
  std::string where;
  std::string process;
  bool follow = false;
};

v1::EventFilter FilterOf(const Options& options) {
  v1::EventFilter filter;
  filter.mutable_kinds()->Add(options.kinds.begin(), options.kinds.end());
  filter.set_where(options.where);
  filter.set_process_key(options.process);
  return filter;
}

void Print(const v1::EventRecord& event, const Invocation& invocation) {
  if (invocation.json) {
    WriteJsonLine(event, invocation.out);
  } else {
    invocation.out << EventLine(event) << std::endl;
  }
}

int Follow(const Options& options, const Invocation& invocation) {
  Interrupt interrupt;
  const auto client = Client::Create(invocation.analyzer, invocation.channel);
  if (!client.ok()) return Fail(invocation, client.status());
  interrupt.OnSignal([&client] { (*client)->Cancel(); });
  v1::WatchEventsRequest request;
  *request.mutable_filter() = FilterOf(options);
  const absl::Status status = (*client)->WatchEvents(
      request, [&](const v1::EventRecord& event) { Print(event, invocation); });
  return status.ok() ? kExitOk : Fail(invocation, status);
}

int List(const Options& options, const Invocation& invocation) {
  const auto since = ParseMoment(options.since, UnixNanos());
  if (!since.ok()) return Fail(invocation, since.status());
  const auto client = Client::Create(invocation.analyzer, invocation.channel);
  if (!client.ok()) return Fail(invocation, client.status());
  v1::ListEventsRequest request;
  *request.mutable_filter() = FilterOf(options);
  request.set_since_ns(*since);
  uint64_t count = 0;
  const absl::Status status =
      (*client)->ForEachEvent(request, [&](const v1::EventRecord& event) {
        ++count;
        Print(event, invocation);
      });
  if (!status.ok()) return Fail(invocation, status);
  if (count > 0) return kExitOk;
  invocation.err << "No events since " << EscapeForTerminal(options.since)
                 << ".\n";
  return kExitNoMatch;
}

std::string CheckKind(const std::string& kind) {
  for (const absl::string_view known : EventKinds()) {
    if (known == kind) return "";
  }
  return "no such kind: " + EscapeForTerminal(kind) +
         "; known: " + absl::StrJoin(EventKinds(), ", ");
}

}  // namespace

void AddEventsCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("events", "List what agents saw");
  command->footer(
      "Examples:\n"
      "  gatewatch events --since 10m --kind exec,connect\n"
      "  gatewatch events --where 'evt.type=openat and fd.name startswith "
      "/etc'\n"
      "Exits with 1 when nothing matches.");
  // Shared by the option parser, which fills it, and the action.
  const auto options = std::make_shared<Options>();
  CLI::Option* since = command->add_option(
      "--since", options->since, "30m, 1h, 2d or 2026-01-31T12:00:00Z");
  since->capture_default_str();
  command
      ->add_option("--kind", options->kinds,
                   "only these kinds, joined by commas: exec,open,connect…")
      ->delimiter(',')
      ->check(CheckKind);
  command->add_option("--where", options->where,
                      "a condition in the rule language");
  command->add_option("--process", options->process,
                      "only events of the process with this key");
  command
      ->add_flag("--follow", options->follow,
                 "show events as they happen, until interrupted")
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
