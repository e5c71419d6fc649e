#include "cli/app.h"

#include "CLI/CLI.hpp"
#include "channel/flags.h"
#include "cli/command_agents.h"
#include "cli/command_alert.h"
#include "cli/command_alerts.h"
#include "cli/command_certs.h"
#include "cli/command_doctor.h"
#include "cli/command_events.h"
#include "cli/command_health.h"
#include "cli/command_inject.h"
#include "cli/command_lint.h"
#include "cli/command_rules.h"
#include "cli/command_run.h"
#include "cli/command_simulate.h"
#include "cli/command_tree.h"
#include "cli/exit_code.h"
#include "cli/invocation.h"

namespace gatewatch::cli {
namespace {

using AddCommand = void (*)(CLI::App&, Invocation&);

// In the order in which help lists them.
constexpr AddCommand kCommands[] = {
    AddRunCommand,   AddAlertsCommand,   AddAlertCommand,  AddEventsCommand,
    AddTreeCommand,  AddAgentsCommand,   AddHealthCommand, AddRulesCommand,
    AddCertsCommand, AddSimulateCommand, AddDoctorCommand, AddLintCommand,
    AddInjectCommand};

void AddGlobalOptions(CLI::App& app, Invocation& invocation) {
  app.add_option("--analyzer", invocation.analyzer,
                 "the analyzer's address: HOST:PORT or unix:/PATH")
      ->envname("GATEWATCH_ANALYZER")
      ->capture_default_str();
  channel::AddOptions(app, invocation.channel, channel::End::kClient);
}

}  // namespace

int RunApp(int argc, const char* const* argv, std::ostream& out,
           std::ostream& err) {
  Invocation invocation{out, err};
  invocation.analyzer = "127.0.0.1:7443";
  CLI::App app(
      "Runtime security for containers that nobody may put a kernel agent "
      "under");
  app.name("gatewatch");
  app.footer(
      "Example:\n"
      "  gatewatch run -- gatewatch simulate --all\n"
      "Exit status: 0 fine; 1 findings, or nothing matched; 2 wrong usage or "
      "input;\n3 the analyzer does not answer.");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version",
                       std::string("gatewatch ") + GATEWATCH_VERSION);
  AddGlobalOptions(app, invocation);
  for (const AddCommand add : kCommands) add(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, out, err) == 0 ? kExitOk : kExitUsage;
  }
  channel::TakePemFromEnvironment(invocation.channel);
  return invocation.action();
}

}  // namespace gatewatch::cli
