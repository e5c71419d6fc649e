#include "cli/command_doctor.h"

#include <set>

#include "CLI/CLI.hpp"
#include "cli/exit_code.h"
#include "cli/table.h"
#include "nlohmann/json.hpp"
#include "probes/host_support.h"

namespace gatewatch::cli {
namespace {

// The capture ladder from the best rung down, and what an operator changes to
// stand on it.
struct Rung {
  const char* name;
  const char* sees;
  const char* change;
};

constexpr Rung kLadder[] = {
    {"ebpf", "every call of every process, with its result",
     "Run on EC2, ECS Managed Instances or EKS nodes, and give the agent "
     "CAP_BPF and\n    CAP_PERFMON. Fargate does not permit it."},
    {"attach", "every call of containers that run already",
     "In the task definition set pidMode to \"task\" and add SYS_PTRACE to "
     "the agent's\n    linuxParameters.capabilities. The workload's image "
     "stays as it is."},
    {"launch", "every call of what it starts",
     "Start the workload with `gatewatch-launch -- COMMAND…`. Needs no "
     "privilege; needs\n    seccomp user notification (Linux 5.7 or later)."},
    {"ptrace", "the same, at a higher cost",
     "Needs what attach or launch need, and works where notification does "
     "not."},
    {"procfs", "running processes and sockets; short lives can be missed",
     "Needs nothing but a shared PID namespace (pidMode \"task\")."},
};

void WriteFeatures(const std::vector<probes::HostFeature>& features,
                   std::ostream& out) {
  Table table({"THIS HOST", "", "WHAT WAS TRIED"});
  for (const probes::HostFeature& feature : features) {
    table.Add({feature.name, feature.present ? "yes" : "no", feature.detail});
  }
  table.Write(out);
}

void WriteChoices(const std::vector<probes::RungChoice>& choices,
                  std::ostream& out) {
  out << '\n';
  Table table({"EVENTS", "CAPTURED BY", "WHY NOT BETTER"});
  for (const probes::RungChoice& choice : choices) {
    table.Add({choice.kind, choice.rung.empty() ? "nothing" : choice.rung,
               choice.reason});
  }
  table.Write(out);
}

// What stands above the worst rung in use, which is what can be gained.
void WriteAdvice(const std::vector<probes::RungChoice>& choices,
                 std::ostream& out) {
  std::set<std::string> used;
  for (const probes::RungChoice& choice : choices) used.insert(choice.rung);
  out << "\nWhat this means\n";
  for (const Rung& rung : kLadder) {
    if (used.count(rung.name) > 0) {
      out << "  " << rung.name << ": sees " << rung.sees << ".\n";
    }
  }
  if (used.count("") > 0) out << "  nothing: these events are not seen.\n";
  if (used == std::set<std::string>{kLadder[0].name}) return;
  out << "\nTo see more\n";
  for (const Rung& rung : kLadder) {
    if (used.count(rung.name) > 0) break;
    out << "  " << rung.name << ": " << rung.change << '\n';
  }
}

void WriteJson(const std::vector<probes::HostFeature>& features,
               const std::vector<probes::RungChoice>& choices,
               std::ostream& out) {
  const auto write = [&out](const nlohmann::json& object) {
    constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
    out << object.dump(-1, ' ', /*ensure_ascii=*/false, kReplace) << '\n';
  };
  for (const probes::HostFeature& feature : features) {
    write({{"feature", feature.name},
           {"present", feature.present},
           {"detail", feature.detail}});
  }
  for (const probes::RungChoice& choice : choices) {
    write({{"kind", choice.kind},
           {"method", choice.rung},
           {"reason", choice.reason}});
  }
}

int Show(const Invocation& invocation) {
  const std::vector<probes::HostFeature> features = probes::ProbeHost();
  const std::vector<probes::RungChoice> choices = probes::ChooseRungs(features);
  if (invocation.json) {
    WriteJson(features, choices, invocation.out);
  } else {
    WriteFeatures(features, invocation.out);
    WriteChoices(choices, invocation.out);
    WriteAdvice(choices, invocation.out);
  }
  for (const probes::RungChoice& choice : choices) {
    if (choice.rung.empty()) return kExitNoMatch;
  }
  return kExitOk;
}

}  // namespace

void AddDoctorCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "doctor", "Show what this host permits and what to change to see more");
  command->footer(
      "Example:\n"
      "  gatewatch doctor\n"
      "Run it where the agent runs, as the agent's user. Exits with 1 when "
      "some kind of\nevent cannot be captured at all.");
  AddOutputOption(*command, invocation);
  command->callback([&invocation] {
    invocation.action = [&invocation] { return Show(invocation); };
  });
}

}  // namespace gatewatch::cli
