#include "cli/command_tree.h"

#include <memory>

#include "CLI/CLI.hpp"
#include "cli/client.h"
#include "cli/exit_code.h"
#include "cli/render_tree.h"

namespace gatewatch::cli {
namespace {

int Show(const std::string& key, const Invocation& invocation) {
  const auto client = Client::Create(invocation.analyzer, invocation.channel);
  if (!client.ok()) return Fail(invocation, client.status());
  const auto tree = (*client)->GetProcessTree(key);
  if (!tree.ok()) return Fail(invocation, tree.status());
  if (invocation.json) {
    WriteJsonLine(*tree, invocation.out);
  } else {
    WriteProcessTree(*tree, key, invocation.out);
  }
  return kExitOk;
}

}  // namespace

void AddTreeCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "tree", "Show the ancestors and descendants of a process");
  command->footer(
      "Example:\n"
      "  gatewatch tree 5h2k9q0x7m3zc\n"
      "`gatewatch alert ID` and `gatewatch events -o json` name the keys of "
      "processes.\nExits with 1 when there is no such process.");
  const auto key = std::make_shared<std::string>();
  command->add_option("PROCESS_KEY", *key, "the process's key")->required();
  AddOutputOption(*command, invocation);
  command->callback([key, &invocation] {
    invocation.action = [key, &invocation] { return Show(*key, invocation); };
  });
}

}  // namespace gatewatch::cli
