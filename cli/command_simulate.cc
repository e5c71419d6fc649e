#include "cli/command_simulate.h"

#include <memory>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/escape.h"
#include "base/files.h"
#include "base/status.h"
#include "cli/exit_code.h"
#include "cli/simulate/simulation.h"
#include "cli/simulate/steps.h"
#include "cli/table.h"
#include "cli/temp_directory.h"
#include "detection/rule_set.h"
#include "nlohmann/json.hpp"
#include "rules/shipped_rules.h"

namespace gatewatch::cli {
namespace {

// See SimulationContext::held.
constexpr absl::Duration kHeldFor = absl::Seconds(1);

struct Options {
  std::vector<std::string> names;
  bool all = false;
};

struct StepOptions {
  std::string step;
  std::string argument;
};

// The GuardDuty findings that the rule of that name stands in for.
std::vector<std::string> FindingsOf(const detection::RuleSet& rules,
                                    const std::string& rule) {
  const v1::Rule* const found = rules.Find(rule);
  if (found == nullptr) return {};
  return {found->guardduty().begin(), found->guardduty().end()};
}

int List(const Invocation& invocation) {
  const auto rules = detection::RuleSet::Load(ShippedRules());
  if (!rules.ok()) return Fail(invocation, rules.status());
  Table table({"NAME", "RAISES", "TECHNIQUE", "GUARDDUTY", "WHAT HAPPENS"});
  for (const Simulation& simulation : Simulations()) {
    const auto findings = FindingsOf(**rules, simulation.rule);
    if (invocation.json) {
      invocation.out << nlohmann::json{{"name", simulation.name},
                                       {"rule", simulation.rule},
                                       {"technique", simulation.technique},
                                       {"findings", findings},
                                       {"needs", simulation.needs},
                                       {"summary", simulation.summary}}
                     << '\n';
    } else {
      table.Add({simulation.name, simulation.rule, simulation.technique,
                 absl::StrJoin(findings, ", "), simulation.summary});
    }
  }
  if (invocation.json) return kExitOk;
  table.Write(invocation.out);
  return kExitOk;
}

absl::StatusOr<std::vector<const Simulation*>> Choose(const Options& options) {
  std::vector<const Simulation*> chosen;
  if (options.all) {
    for (const Simulation& simulation : Simulations()) {
      chosen.push_back(&simulation);
    }
    return chosen;
  }
  for (const std::string& name : options.names) {
    const Simulation* found = nullptr;
    for (const Simulation& simulation : Simulations()) {
      if (simulation.name == name) found = &simulation;
    }
    if (found == nullptr) {
      return absl::InvalidArgumentError("no simulation named " + name +
                                        "; see gatewatch simulate list");
    }
    chosen.push_back(found);
  }
  if (chosen.empty()) {
    return absl::InvalidArgumentError(
        "name simulations, or --all; see gatewatch simulate list");
  }
  return chosen;
}

absl::Status Simulate(const Simulation& simulation, std::vector<UniqueFd>& held,
                      std::ostream& out) {
  GATEWATCH_ASSIGN_OR_RETURN(const std::string self,
                             ReadLink("/proc/self/exe"));
  GATEWATCH_ASSIGN_OR_RETURN(const TempDirectory directory,
                             TempDirectory::Create("gatewatch-simulation-"));
  out << simulation.name << ": " << simulation.summary << " ("
      << simulation.technique << ")\n";
  return simulation.run({out, self, directory.path(), held});
}

int SimulateChosen(const Options& options, const Invocation& invocation) {
  const auto chosen = Choose(options);
  if (!chosen.ok()) return Fail(invocation, chosen.status());
  int failures = 0;
  std::vector<UniqueFd> held;
  for (const Simulation* simulation : *chosen) {
    const absl::Status status = Simulate(*simulation, held, invocation.out);
    invocation.out << std::flush;
    if (status.ok()) continue;
    ++failures;
    invocation.err << "gatewatch: " << simulation->name
                   << " failed: " << EscapeForTerminal(status.message())
                   << '\n';
  }
  if (!held.empty()) absl::SleepFor(kHeldFor);
  return failures == 0 ? kExitOk : kExitNoMatch;
}

// Hidden: what this program does when a simulation runs it under another
// name.
void AddStepCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(kStepCommand, "");
  command->group("");
  const auto options = std::make_shared<StepOptions>();
  command->add_option("STEP", options->step)->required();
  command->add_option("ARGUMENT", options->argument)->required();
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] {
      const absl::Status status = DoStep(options->step, options->argument);
      return status.ok() ? kExitOk : Fail(invocation, status);
    };
  });
}

}  // namespace

void AddSimulateCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "simulate", "Perform harmless versions of real techniques");
  command->footer(
      "Examples:\n"
      "  gatewatch simulate list\n"
      "  gatewatch run -- gatewatch simulate reverse-shell shadow-read\n"
      "Each makes the system calls that its rule looks at and cleans up after "
      "itself.\nExits with 1 when one could not be performed.");
  // Shared by the option parser, which fills it, and the action.
  const auto options = std::make_shared<Options>();
  command->add_option("NAME", options->names, "which; or: list");
  command->add_flag("--all", options->all, "all of them");
  AddOutputOption(*command, invocation);
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] {
      const bool list = options->names == std::vector<std::string>{"list"};
      return list ? List(invocation) : SimulateChosen(*options, invocation);
    };
  });
  AddStepCommand(app, invocation);
}

}  // namespace gatewatch::cli
