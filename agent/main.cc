// The sidecar: takes observations from the workload and ships them.

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "agent/agent.h"
#include "agent/launch/handover.h"
#include "agent/launch/supervisor.h"
#include "agent/launch_command.h"
#include "agent/task_metadata.h"
#include "base/files.h"
#include "base/log.h"
#include "channel/flags.h"

namespace gatewatch::agent {
namespace {

constexpr int kUnhealthy = 1;
constexpr int kUsageError = 2;
constexpr absl::Duration kFlushPatience = absl::Seconds(5);
constexpr char kServiceAccountFolder[] =
    "/var/run/secrets/kubernetes.io/serviceaccount/";

constexpr char kExamples[] = R"(Examples:
  gatewatch-agent --analyzer analyzer.internal:7443 --tls-cert agent.pem \
      --tls-key agent-key.pem --tls-ca ca.pem
      In a sidecar: attach to the other containers of the task or pod.
  gatewatch-agent --analyzer 127.0.0.1:7443 --attach-pid 4711
      Watch a process that runs already, and all that it starts.
  gatewatch-agent --analyzer 127.0.0.1:7443
      Watch what launchers hand over (gatewatch-launch -- COMMAND…), until
      SIGTERM.
  gatewatch-agent --analyzer unix:/run/gatewatch/analyzer.sock -- nginx -g 'daemon off;'
      Watch one command; ends with its exit status.
)";

struct Flags {
  AgentOptions agent;
  std::string attach = "auto";
  std::string dns = "auto";
  bool no_inventory = false;
  bool no_supervisor = false;
  bool health = false;
  uint64_t memory_limit = 512 << 20;
  std::vector<std::string> rate_limits;
  std::vector<std::string> command;  // after "--"
};

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string ServiceAccountFile(const char* name) {
  auto content = ReadFile(std::string(kServiceAccountFolder) + name, 64 << 10);
  if (!content.ok()) return "";
  absl::StripAsciiWhitespace(&*content);
  return *std::move(content);
}

IdentityOptions IdentityFromEnvironment() {
  IdentityOptions identity;
  identity.ecs_metadata_uri = Environment("ECS_CONTAINER_METADATA_URI_V4");
  identity.region = Environment("AWS_REGION");
  identity.pod_name = Environment("POD_NAME");
  identity.pod_namespace = Environment("POD_NAMESPACE");
  identity.node_name = Environment("NODE_NAME");
  identity.service_account = Environment("POD_SERVICE_ACCOUNT");
  if (Environment("KUBERNETES_SERVICE_HOST").empty()) return identity;
  // What the pod's manifest does not pass on, the mounted token tells.
  if (identity.pod_namespace.empty()) {
    identity.pod_namespace = ServiceAccountFile("namespace");
  }
  if (identity.service_account.empty()) {
    identity.service_account =
        ServiceAccountFromToken(ServiceAccountFile("token"));
  }
  if (identity.pod_name.empty()) identity.pod_name = Environment("HOSTNAME");
  return identity;
}

// Where this runs as a sidecar, beside containers that it is meant to watch.
bool InTask() {
  return !Environment("ECS_CONTAINER_METADATA_URI_V4").empty() ||
         !Environment("KUBERNETES_SERVICE_HOST").empty();
}

void Declare(CLI::App& app, Flags& flags) {
  app.footer(kExamples);
  app.add_option("--analyzer", flags.agent.analyzer,
                 "Where the analyzer listens: host:port or unix:/path")
      ->envname("GATEWATCH_ANALYZER")
      ->capture_default_str();
  app.add_option(
         "--agent-id", flags.agent.agent_id,
         "Name of this agent (default: that of its certificate, or from "
         "task, pod or host)")
      ->envname("GATEWATCH_AGENT_ID");
  app.add_option("--launch-socket", flags.agent.launch_socket,
                 "Abstract socket on which launchers report")
      ->envname("GATEWATCH_LAUNCH_SOCKET")
      ->capture_default_str();
  app.add_option("--attach", flags.attach,
                 "Attach to the other containers' processes: yes, no, or auto "
                 "(in an ECS task or a pod)")
      ->check(CLI::IsMember({"auto", "yes", "no"}))
      ->envname("GATEWATCH_ATTACH")
      ->capture_default_str();
  app.add_option("--attach-pid", flags.agent.attach_pids,
                 "Attach to this process; may be given more than once");
  app.add_option("--rung", flags.agent.rung,
                 "How to capture processes that run already: auto (the best "
                 "that works here), ebpf, attach, ptrace, procfs")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Rung>{{"auto", Rung::kBest},
                                      {"ebpf", Rung::kEbpf},
                                      {"attach", Rung::kAttach},
                                      {"ptrace", Rung::kPtrace},
                                      {"procfs", Rung::kProcfs}},
          CLI::ignore_case))
      ->envname("GATEWATCH_RUNG")
      ->option_text("NAME [auto]");
  app.add_option("--dns", flags.dns,
                 "Watch the DNS of this network namespace: yes, no, or auto "
                 "(where --attach is)")
      ->check(CLI::IsMember({"auto", "yes", "no"}))
      ->envname("GATEWATCH_DNS")
      ->capture_default_str();
  app.add_option("--ignore-program", flags.agent.attach_ignored,
                 "Never attach to programs of this file name, besides known "
                 "security sensors")
      ->envname("GATEWATCH_IGNORE_PROGRAM")
      ->delimiter(',');
  app.add_flag("--no-inventory", flags.no_inventory,
               "Do not report the processes that run already");
  app.add_option("--rate-limit", flags.rate_limits,
                 "Events of a kind that a container may bring about a second: "
                 "KIND=RATE, KIND=off, or off for all; may be given more than "
                 "once")
      ->envname("GATEWATCH_RATE_LIMIT")
      ->delimiter(',');
  app.add_option("--cpu-budget", flags.agent.cpu_budget,
                 "Share of one CPU beyond which less and less is captured, "
                 "reading files first and exec never; 0: any")
      ->check(CLI::NonNegativeNumber)
      ->envname("GATEWATCH_CPU_BUDGET")
      ->capture_default_str();
  app.add_option("--buffer-size", flags.agent.buffer_bytes,
                 "Memory for events while the analyzer is away")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false))
      ->envname("GATEWATCH_BUFFER_SIZE")
      ->capture_default_str();
  app.add_option("--memory-limit", flags.memory_limit,
                 "End and restart the agent when it needs more; 0: no limit")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false))
      ->envname("GATEWATCH_MEMORY_LIMIT")
      ->capture_default_str();
  app.add_flag("--no-supervisor", flags.no_supervisor,
               "Do not restart the agent should it fail")
      ->envname("GATEWATCH_NO_SUPERVISOR");
  app.add_flag("--health", flags.health,
               "Only say, by the exit status, whether an agent runs here: for "
               "a container's health check");
  channel::AddOptions(app, flags.agent.channel, channel::End::kClient);
}

// Cuts the command off before flags are parsed: its words are not ours to
// interpret.
std::vector<std::string> CutCommand(int& argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (absl::string_view(argv[i]) != "--") continue;
    std::vector<std::string> command(argv + i + 1, argv + argc);
    argc = i;
    return command;
  }
  return {};
}

sigset_t EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Until a signal asks for the end. Tells the supervisor meanwhile that the
// agent gets on.
int WaitForEnd(const Agent& agent) {
  const sigset_t signals = EndSignals();
  int supervisor = -1;
  if (!absl::SimpleAtoi(Environment(kSupervisorVariable), &supervisor)) {
    supervisor = -1;
  }
  ::fcntl(supervisor, F_SETFD, FD_CLOEXEC);
  const auto tell_well = [supervisor] {
    if (supervisor < 0) return;
    [[maybe_unused]] const ssize_t written = ::write(supervisor, "+", 1);
  };
  tell_well();  // it is up
  const timespec second{1, 0};
  uint64_t last_progress = 0;
  while (sigtimedwait(&signals, nullptr, &second) < 0) {
    const uint64_t progress = agent.progress();
    if (progress != last_progress) tell_well();
    last_progress = progress;
  }
  return 0;
}

// Becomes the supervisor of another of these. Returns when that cannot be.
void BecomeSupervisor(const Flags& flags, char** argv) {
  const auto launcher = LauncherPath();
  const auto self = ReadLink("/proc/self/exe");
  if (!launcher.ok() || !self.ok()) return;
  std::vector<std::string> arguments = {*launcher,
                                        "--supervise",
                                        "--memory-limit",
                                        absl::StrCat(flags.memory_limit),
                                        "--",
                                        *self};
  std::vector<char*> command;
  for (std::string& argument : arguments) command.push_back(argument.data());
  for (char** argument = argv + 1; *argument != nullptr; ++argument) {
    command.push_back(*argument);
  }
  command.push_back(nullptr);
  ::execv(launcher->c_str(), command.data());
  LogWarning("runs unsupervised: cannot execute ", *launcher);
}

int RunCommand(const Flags& flags) {
  const auto status = RunLaunchCommand(
      {.launch_socket = flags.agent.launch_socket, .command = flags.command});
  if (status.ok()) return *status;
  LogError("cannot run the command: ", status.status().message());
  return kUsageError;
}

int Run(Flags flags) {
  flags.agent.inventory = !flags.no_inventory;
  flags.agent.identity = IdentityFromEnvironment();
  flags.agent.attach =
      flags.attach == "yes" || (flags.attach == "auto" && InTask());
  flags.agent.dns =
      flags.dns == "yes" || (flags.dns == "auto" && flags.agent.attach);
  channel::TakePemFromEnvironment(flags.agent.channel);
  flags.agent.redaction_salt = Environment("GATEWATCH_REDACTION_SALT");
  for (const std::string& text : flags.rate_limits) {
    const absl::Status changed = ChangeRateLimit(text, flags.agent.rate_limits);
    if (changed.ok()) continue;
    LogError(changed.message());
    return kUsageError;
  }
  const bool has_command = !flags.command.empty();
  if (!has_command) {
    // Before there are threads, so that all of them inherit it.
    const sigset_t signals = EndSignals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  }
  auto agent = Agent::Start(flags.agent);
  if (!agent.ok()) {
    LogError(agent.status().message());
    return kUsageError;
  }
  const int status = has_command ? RunCommand(flags) : WaitForEnd(**agent);
  if (!(*agent)->Stop(kFlushPatience)) {
    LogWarning("ended before the analyzer had everything");
  }
  return status;
}

}  // namespace
}  // namespace gatewatch::agent

int main(int argc, char** argv) {
  using namespace gatewatch::agent;
  Flags flags;
  flags.agent.analyzer = "127.0.0.1:7443";
  flags.command = CutCommand(argc, argv);
  CLI::App app(
      "Gatewatch's agent: watches a workload's processes, or with \"-- "
      "COMMAND…\" after the options those of one command.",
      "gatewatch-agent");
  Declare(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  const bool supervised = std::getenv(kSupervisorVariable) != nullptr;
  if (flags.health) {
    const std::string& socket = flags.agent.launch_socket;
    return ConnectToAgent(socket.c_str()).valid() ? 0 : kUnhealthy;
  }
  if (flags.command.empty() && !flags.no_supervisor && !supervised) {
    BecomeSupervisor(flags, argv);
  }
  if (supervised) flags.agent.supervisor = ::getppid();
  return Run(std::move(flags));
}
