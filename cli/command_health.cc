#include "cli/command_health.h"

#include <algorithm>

#include "CLI/CLI.hpp"
#include "cli/client.h"
#include "cli/exit_code.h"

namespace gatewatch::cli {
namespace {

// Asks what the analyzer has to look up, so that one whose port is open and
// whose store hangs is not taken for healthy.
int Check(const Invocation& invocation) {
  const auto client = Client::Create(invocation.analyzer, invocation.channel);
  if (!client.ok()) return Fail(invocation, client.status());
  const auto answer = (*client)->ListAgents();
  if (!answer.ok()) return Fail(invocation, answer.status());
  const auto& agents = answer->agents();
  invocation.out << "The analyzer at " << invocation.analyzer << " answers; "
                 << std::count_if(agents.begin(), agents.end(),
                                  [](const v1::Agent& agent) {
                                    return agent.connected();
                                  })
                 << " of " << agents.size() << " agents are connected.\n";
  return kExitOk;
}

}  // namespace

void AddHealthCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "health", "Say whether the analyzer answers; for health checks");
  command->footer(
      "Example:\n"
      "  gatewatch health --analyzer unix:/run/gatewatch/analyzer.sock\n"
      "Exits with 3 when it does not answer. Needs no shell, so that it can be "
      "the\nhealth check of a container.");
  command->callback([&invocation] {
    invocation.action = [&invocation] { return Check(invocation); };
  });
}

}  // namespace gatewatch::cli
