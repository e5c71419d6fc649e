// Commands that are told by their names and arguments: what is executed is
// the harmless program under another name.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "cli/simulate/child_process.h"
#include "cli/simulate/steps.h"
#include "cli/simulate/techniques.h"

namespace gatewatch::cli {
namespace {

absl::Status Pretend(const SimulationContext& context,
                     const std::string& program,
                     std::vector<std::string> arguments) {
  context.out << "  executing " << HarmlessProgram() << " as " << program << ' '
              << absl::StrJoin(arguments, " ") << '\n';
  return RunHarmlessAs(context, program, std::move(arguments));
}

absl::Status PretendBelow(const SimulationContext& context,
                          const std::string& parent,
                          const std::string& program) {
  context.out << "  as " << parent << ", executing " << HarmlessProgram()
              << " as " << program << '\n';
  return RunHarmlessBelow(context, parent, program);
}

absl::Status SimulateServerShell(const SimulationContext& context) {
  context.out << "  as nginx, starting sh -c true\n";
  return RunStepAs(context, "nginx", "spawn-shell", "true");
}

absl::Status SimulateSessionShell(const SimulationContext& context) {
  context.out << "  as the worker of ECS Exec, starting sh -c true\n";
  return RunStepAs(context, "ssm-session-worker", "spawn-shell", "true");
}

absl::Status SimulateSuspiciousLine(const SimulationContext& context) {
  constexpr char kLine[] = "echo dHJ1ZQo= | base64 -d | sh";  // "true"
  context.out << "  executing sh -c '" << kLine << "'\n";
  return RunProgram("/bin/sh", {"sh", "-c", kLine});
}

// Has an interactive shell on a pipe, without a terminal, run `program`.
absl::Status TypeIntoShell(const SimulationContext& context,
                           const std::string& program,
                           const std::string& arguments) {
  context.out << "  typing " << program << ' ' << arguments
              << " into sh -i on a pipe\n";
  return RunShellOnPipe(context, program, arguments);
}

using Context = const SimulationContext&;

constexpr Simulation kSimulations[] = {
    {"package-manager", "Package manager at run time", "T1072",
     "a program named and called like apk is executed",
     [](Context context) {
       return Pretend(context, "apk", {"add", "--no-cache", "nmap"});
     }},
    {"cryptominer", "Cryptominer started", "T1496",
     "a program named and called like xmrig is executed",
     [](Context context) {
       return Pretend(
           context, "xmrig",
           {"--donate-level", "1", "-o", "stratum+tcp://127.0.0.1:3333"});
     }},
    {"offensive-tool", "Offensive tool started", "T1046",
     "a program named and called like nmap is executed",
     [](Context context) {
       return Pretend(context, "nmap", {"-sS", "127.0.0.1"});
     }},
    {"secret-search", "Search for privileges or secrets", "T1552.001",
     "a program named and called like find is executed",
     [](Context context) {
       return Pretend(context, "find", {"/", "-perm", "-4000", "-type", "f"});
     }},
    {"sensor-off", "Security tool or log switched off", "T1562.001",
     "a program named and called like setenforce is executed",
     [](Context context) { return Pretend(context, "setenforce", {"0"}); }},
    {"escalation-command", "Escalation command", "T1548.001",
     "a program named and called like nsenter is executed",
     [](Context context) {
       return Pretend(context, "nsenter", {"-t", "1", "-m", "true"});
     }},
    {"persistence-command", "Persistence command", "T1053.003",
     "a program named and called like crontab is executed",
     [](Context context) { return Pretend(context, "crontab", {"-"}); }},
    {"tor-relay", "Tor relay", "T1090.003",
     "a program named and called like tor is executed",
     [](Context context) {
       return Pretend(context, "tor", {"--ORPort", "9001"});
     }},
    {"tunnel", "Tunnel or proxy started", "T1572",
     "a program named and called like ngrok is executed",
     [](Context context) {
       return Pretend(context, "ngrok", {"tcp", "22"});
     }},
    {"data-sent-out", "Data sent out by a tool", "T1048",
     "a program named and called like curl is executed",
     [](Context context) {
       return Pretend(context, "curl",
                      {"-d", "@/etc/passwd", "http://127.0.0.1/"});
     }},
    {"data-destroyed", "Data destroyed", "T1485",
     "a program named and called like mkfs.ext4 is executed",
     [](Context context) {
       return Pretend(context, "mkfs.ext4", {"/dev/null"});
     }},
    {"intruder-tool", "Intruder's tool started by a server", "T1190",
     "nginx starts whoami",
     [](Context context) { return PretendBelow(context, "nginx", "whoami"); }},
    {"session-compiler", "Compiler started by a session or a server",
     "T1027.004", "ssm-session-worker starts gcc",
     [](Context context) {
       return PretendBelow(context, "ssm-session-worker", "gcc");
     }},
    {"server-shell", "Shell started by a server", "T1190",
     "nginx starts a shell", SimulateServerShell},
    {"session-shell", "Shell in an exec session", "T1609",
     "the worker of ECS Exec starts a shell", SimulateSessionShell},
    {"suspicious-line", "Suspicious command line", "T1059.004",
     "a shell is given what base64 decodes", SimulateSuspiciousLine},
    {"pipe-shell", "Shell driven through a pipe", "T1059.004",
     "an interactive shell reads from a pipe",
     [](Context context) { return TypeIntoShell(context, "true", ""); }},
    {"reconnaissance", "Reconnaissance at a shell", "T1033",
     "whoami is typed into a shell",
     [](Context context) { return TypeIntoShell(context, "whoami", ""); }},
    {"cloud-reconnaissance", "Cloud or cluster reconnaissance", "T1580",
     "aws sts get-caller-identity is typed into a shell",
     [](Context context) {
       return TypeIntoShell(context, "aws", "sts get-caller-identity");
     }},
};

}  // namespace

absl::Span<const Simulation> CommandSimulations() { return kSimulations; }

}  // namespace gatewatch::cli
