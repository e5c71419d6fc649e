#include "cli/command_doctor.h"

#include <algorithm>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "cli/exit_code.h"
#include "cli/table.h"
#include "nlohmann/json.hpp"
#include "probes/host_support.h"

namespace gatewatch::cli {
namespace {

// What the ways of capture mean for who relies on them.
struct Rung {
  const char* name;
  const char* sees;
};

constexpr Rung kLadder[] = {
    {"ebpf", "every call of every process, with its result"},
    {"attach", "every call of containers that run already"},
    {"launch", "every call of what gatewatch-launch or gatewatch run starts"},
    {"ptrace", "the same as launch or attach, at a higher cost"},
    {"procfs", "running processes; short lives can be missed"},
    {"", "nothing: these events are not captured"},
};

// What an operator changes when the host lacks a feature.
struct Advice {
  const char* feature;  // as probes/host_support names it
  const char* change;
};

constexpr Advice kAdvice[] = {
    {"seccomp user notification",
     "Needs Linux 5.7 or later, and a seccomp profile of the container that "
     "lets it call\n    seccomp(2), as Docker's default and Fargate's do."},
    {"CAP_SYS_PTRACE",
     "Add SYS_PTRACE to linuxParameters.capabilities of the agent's "
     "container. Without it\n    only processes of the agent's own user can "
     "be read."},
    {"unrestricted ptrace (Yama)",
     "Give the agent SYS_PTRACE, or set kernel.yama.ptrace_scope to 0 where "
     "you own the host."},
    {"packet socket (CAP_NET_RAW)",
     "Do not drop NET_RAW from the agent's container; Fargate grants it by "
     "default."},
    {"procfs",
     "Set pidMode to \"task\" in the task definition "
     "(shareProcessNamespace in a pod), so that\n    the agent sees the other "
     "containers' processes."},
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

void WriteMeaning(const std::vector<probes::RungChoice>& choices,
                  std::ostream& out) {
  out << "\nWhat this means\n";
  for (const Rung& rung : kLadder) {
    const auto uses = [&rung](const probes::RungChoice& choice) {
      return choice.rung == rung.name;
    };
    const auto count = std::count_if(choices.begin(), choices.end(), uses);
    if (count == 0) continue;
    out << "  " << count << " kinds of events: " << rung.name
        << (*rung.name == '\0' ? "" : ", which sees ") << rung.sees << '\n';
  }
}

void WriteAdvice(const std::vector<probes::HostFeature>& features,
                 std::ostream& out) {
  bool first = true;
  for (const probes::HostFeature& feature : features) {
    if (feature.present) continue;
    for (const Advice& advice : kAdvice) {
      if (feature.name != advice.feature) continue;
      out << (first ? "\nTo see more\n" : "") << "  " << advice.feature
          << "\n    " << advice.change << '\n';
      first = false;
    }
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
    WriteMeaning(choices, invocation.out);
    WriteAdvice(features, invocation.out);
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
