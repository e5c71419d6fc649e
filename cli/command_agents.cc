#include "cli/command_agents.h"

#include <set>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/clock.h"
#include "cli/client.h"
#include "cli/exit_code.h"
#include "cli/table.h"
#include "cli/time_text.h"

namespace gatewatch::cli {
namespace {

// How many processes are not observed for what is wanted by now, and for what:
// "; 1 process without signal until it starts anew". Empty: none.
std::string DescribeUnseen(const v1::Coverage& coverage) {
  std::set<std::string> kinds;
  int processes = 0;
  for (const v1::Coverage::Root& root : coverage.roots()) {
    if (root.unseen_kinds().empty()) continue;
    ++processes;
    kinds.insert(root.unseen_kinds().begin(), root.unseen_kinds().end());
  }
  if (processes == 0) return "";
  return absl::StrCat("; ", processes,
                      processes == 1 ? " process" : " processes", " without ",
                      absl::StrJoin(kinds, ", "), " until ",
                      processes == 1 ? "it starts" : "they start", " anew");
}

// The capture methods in use and for how many of the kinds there is one:
// "launch, procfs (22/23)".
std::string DescribeCoverage(const v1::Coverage& coverage) {
  std::set<std::string> methods;
  int covered = 0;
  for (const v1::Coverage::Kind& kind : coverage.kinds()) {
    if (kind.method().empty()) continue;
    ++covered;
    methods.insert(kind.method());
  }
  if (methods.empty()) return "none";
  return absl::StrCat(absl::StrJoin(methods, ", "), " (", covered, "/",
                      coverage.kinds_size(), ")", DescribeUnseen(coverage));
}

std::string DescribeLoss(const v1::Agent& agent) {
  std::string text = absl::StrCat(agent.lost());
  if (agent.throttled() > 0) {
    absl::StrAppend(&text, ", throttled ", agent.throttled());
  }
  if (const uint64_t ends = agent.unclean_ends(); ends > 0) {
    absl::StrAppend(&text, ", died ", ends, ends == 1 ? " time" : " times");
  }
  return text;
}

void WriteTable(const v1::ListAgentsResponse& agents, std::ostream& out) {
  const uint64_t now = UnixNanos();
  Table table({"AGENT", "STATE", "CAPTURE", "LAST SEEN", "LAST EVENT", "EVENTS",
               "WAITING", "LOST", "VERSION"});
  for (const v1::Agent& agent : agents.agents()) {
    table.Add({agent.agent_id(), agent.connected() ? "connected" : "away",
               DescribeCoverage(agent.coverage()),
               FormatAge(agent.last_seen_ns(), now),
               FormatAge(agent.last_event_ns(), now),
               absl::StrCat(agent.last_sequence()),
               absl::StrCat(agent.counters().buffered_events()),
               DescribeLoss(agent), agent.version()});
  }
  table.Write(out);
}

int Show(const Invocation& invocation) {
  const auto client = Client::Create(invocation.analyzer, invocation.channel);
  if (!client.ok()) return Fail(invocation, client.status());
  const auto agents = (*client)->ListAgents();
  if (!agents.ok()) return Fail(invocation, agents.status());
  if (agents->agents().empty()) {
    invocation.err << "No agent has reported yet.\n";
    return kExitNoMatch;
  }
  if (!invocation.json) {
    WriteTable(*agents, invocation.out);
    return kExitOk;
  }
  for (const v1::Agent& agent : agents->agents()) {
    WriteJsonLine(agent, invocation.out);
  }
  return kExitOk;
}

}  // namespace

void AddAgentsCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "agents", "Show the fleet: how each agent captures, and what was lost");
  command->footer(
      "Example:\n"
      "  gatewatch agents -o json | jq 'select(.lost > 0)'\n"
      "Exits with 1 when no agent has reported.");
  AddOutputOption(*command, invocation);
  command->callback([&invocation] {
    invocation.action = [&invocation] { return Show(invocation); };
  });
}

}  // namespace gatewatch::cli
