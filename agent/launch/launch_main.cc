// gatewatch-launch: puts processes under the observation of the agent on this
// machine, task or pod. The flags are few and the program is static and small,
// so it reads them itself.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "agent/launch/attach.h"
#include "agent/launch/calls_of_kinds.h"
#include "agent/launch/keeper_process.h"
#include "agent/launch/launcher.h"
#include "agent/launch/supervisor.h"
#include "probes/syscalls/table.h"

namespace gatewatch::agent {
namespace {

constexpr int kRefused = 1;
constexpr int kUsageError = 2;

constexpr char kUsage[] =
    "Usage: gatewatch-launch [--socket NAME] [--kinds LIST] [--] COMMAND "
    "[ARGUMENT…]\n"
    "       gatewatch-launch [--socket NAME] [--kinds LIST] --attach PID\n"
    "       gatewatch-launch --supervise [--memory-limit BYTES] -- AGENT "
    "[ARGUMENT…]\n"
    "\n"
    "Runs COMMAND in this process, observed by the gatewatch-agent that shares "
    "its\nnetwork namespace. COMMAND starts at once, whether an agent answers "
    "or not, and\nis never kept from anything.\n"
    "With --attach, puts a running process and all that it starts under "
    "observation;\nprints \"attached\", or \"held\" and stays until the last "
    "of them has ended.\n"
    "\n"
    "  --socket NAME  the agent's --launch-socket (default: gatewatch-agent,\n"
    "                 or the environment's GATEWATCH_LAUNCH_SOCKET)\n"
    "  --attach PID   the process to attach to\n"
    "  --kinds LIST   observe these kinds of events alone, \"open,connect\" "
    "(and\n                 always exec, exit and credentials); the others' "
    "calls then cost\n                 nothing\n"
    "  --keep FD      keep a listener that was inherited as FD (what an "
    "attached\n                 process is made to run)\n"
    "  --supervise    run AGENT again whenever it fails, and outlive it as "
    "long as an\n                 attached process needs that (what "
    "gatewatch-agent does by itself)\n"
    "  --help         this text\n"
    "\n"
    "Exit status: COMMAND's own; 126 when it cannot be executed, 127 when it "
    "is not\nfound, 2 when this command line is wrong. With --attach: 0, or 1 "
    "when it was\nrefused.\n"
    "\n"
    "Example, as the entry point of a container image:\n"
    "  ENTRYPOINT [\"/gatewatch/gatewatch-launch\", \"--\", "
    "\"/usr/bin/my-app\"]\n";

void Complain(const absl::Status& status) {
  fprintf(stderr, "gatewatch-launch: the command runs unobserved: %s\n",
          std::string(status.message()).c_str());
}

int UsageError(const char* what, const char* argument) {
  fprintf(stderr, "gatewatch-launch: %s%s\n\n%s", what, argument, kUsage);
  return kUsageError;
}

struct Flags {
  const char* socket = "gatewatch-agent";
  const char* kinds = "";  // empty: all
  int attach = 0;          // pid; 0: not asked for
  int keep = -1;           // descriptor; -1: not asked for
  bool help = false;
  bool supervise = false;
  uint64_t memory_limit = 0;
  char* const* command = nullptr;
};

// A number that fits and is all of `text`; -1: it is not.
int ParseNumber(const char* text) {
  char* end = nullptr;
  errno = 0;
  const long value = strtol(text, &end, 10);
  const bool whole = *text != 0 && *end == 0 && errno == 0;
  return whole && value >= 0 && value <= 1 << 30 ? static_cast<int>(value) : -1;
}

// 0, or the exit status for a wrong command line.
int ParseValue(absl::string_view flag, const char* value, Flags& flags) {
  if (flag == "--socket") {
    flags.socket = value;
    return 0;
  }
  if (flag == "--kinds") {
    flags.kinds = value;
    return 0;
  }
  if (flag != "--attach" && flag != "--keep" && flag != "--memory-limit") {
    return UsageError("unknown option ", std::string(flag).c_str());
  }
  const int number = ParseNumber(value);
  if (number < 0) return UsageError("not a number: ", value);
  if (flag == "--attach") flags.attach = number;
  if (flag == "--keep") flags.keep = number;
  if (flag == "--memory-limit") {
    flags.memory_limit = static_cast<uint64_t>(number);
  }
  return 0;
}

int Parse(int argc, char** argv, Flags& flags) {
  int i = 1;
  for (; i < argc && argv[i][0] == '-'; ++i) {
    const absl::string_view flag = argv[i];
    if (flag == "--") {
      ++i;
      break;
    }
    if (flag == "--help" || flag == "-h") {
      flags.help = true;
      return 0;
    }
    if (flag == "--supervise") {
      flags.supervise = true;
      continue;
    }
    if (i + 1 == argc) return UsageError("a value is missing after ", argv[i]);
    if (const int wrong = ParseValue(flag, argv[++i], flags); wrong != 0) {
      return wrong;
    }
  }
  if (i < argc) flags.command = argv + i;
  const bool asked = flags.attach > 0 || flags.keep >= 0;
  if (!asked && flags.command == nullptr) {
    return UsageError("which command?", "");
  }
  if (asked && flags.command != nullptr) {
    return UsageError("no command with --attach or --keep: ", argv[i]);
  }
  return 0;
}

int RunKeep(int descriptor, const char* socket) {
  UniqueFd listener(descriptor);
  if (!probes::NotifyFd::IsListener(listener.get())) {
    return UsageError("not a seccomp listener", "");
  }
  ::fcntl(listener.get(), F_SETFD, FD_CLOEXEC);
  auto slot = SharedSlot::Create();
  if (!slot.ok()) return kRefused;
  BecomeKeeper(std::move(listener), *std::move(slot), socket);
}

int RunAttach(const Flags& flags) {
  auto held = Attach({flags.attach, flags.socket, CallsOfKinds(flags.kinds)});
  if (!held.ok()) {
    printf("%s\n", held.status().ToString().c_str());
    return kRefused;
  }
  puts(held->valid() ? "held" : "attached");
  if (!held->valid()) return 0;
  fflush(stdout);
  return RunKeep(held->Release(), flags.socket);
}

int RunLaunch(const Flags& flags) {
  const std::vector<probes::SyscallRow> rows = CallsOfKinds(flags.kinds);
  LaunchCommand({flags.socket, flags.command, rows}, Complain);
  const int error = errno;
  fprintf(stderr, "gatewatch-launch: cannot execute %s: %s\n", flags.command[0],
          strerror(error));
  return error == ENOENT ? 127 : 126;
}

}  // namespace
}  // namespace gatewatch::agent

int main(int argc, char** argv) {
  using namespace gatewatch::agent;
  Flags flags;
  if (const char* socket = getenv("GATEWATCH_LAUNCH_SOCKET")) {
    flags.socket = socket;
  }
  if (const int status = Parse(argc, argv, flags); status != 0) return status;
  if (flags.help) {
    fputs(kUsage, stdout);
    return 0;
  }
  if (flags.supervise) return Supervise({flags.command, flags.memory_limit});
  if (flags.keep >= 0) return RunKeep(flags.keep, flags.socket);
  return flags.attach > 0 ? RunAttach(flags) : RunLaunch(flags);
}
