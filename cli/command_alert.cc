#include "cli/command_alert.h"

#include <memory>

#include "CLI/CLI.hpp"
#include "cli/client.h"
#include "cli/exit_code.h"
#include "cli/render_alert.h"

namespace gatewatch::cli {
namespace {

int Show(const std::string& id, const Invocation& invocation) {
  const auto client = Client::Create(invocation.analyzer, invocation.channel);
  if (!client.ok()) return Fail(invocation, client.status());
  const auto response = (*client)->GetAlert(id);
  if (!response.ok()) return Fail(invocation, response.status());
  if (invocation.json) {
    WriteJsonLine(*response, invocation.out);
  } else {
    WriteAlertPage(*response, invocation.out);
  }
  return kExitOk;
}

}  // namespace

void AddAlertCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("alert", "Show one alert with all that explains it");
  command->footer(
      "Example:\n"
      "  gatewatch alert 0c9qk5v2m1x7z\n"
      "The id is the third column of `gatewatch alerts`. Exits with 1 when "
      "there is no such alert.");
  const auto id = std::make_shared<std::string>();
  command->add_option("ID", *id, "the alert's id")->required();
  AddOutputOption(*command, invocation);
  command->callback([id, &invocation] {
    invocation.action = [id, &invocation] { return Show(*id, invocation); };
  });
}

}  // namespace gatewatch::cli
