// gatewatch-launch: runs a command under the observation of the agent on this
// machine, task or pod. The flags are few and the program is static and small,
// so it reads them itself.

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "agent/launch/launcher.h"

namespace {

constexpr char kUsage[] =
    "Usage: gatewatch-launch [--socket NAME] [--] COMMAND [ARGUMENT…]\n"
    "\n"
    "Runs COMMAND in this process, observed by the gatewatch-agent that shares "
    "its\nnetwork namespace. COMMAND starts at once, whether an agent answers "
    "or not, and\nis never kept from anything.\n"
    "\n"
    "  --socket NAME  the agent's --launch-socket (default: gatewatch-agent,\n"
    "                 or the environment's GATEWATCH_LAUNCH_SOCKET)\n"
    "  --help         this text\n"
    "\n"
    "Exit status: COMMAND's own; 126 when it cannot be executed, 127 when it "
    "is not\nfound, 2 when this command line is wrong.\n"
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
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const char* from_environment = getenv("GATEWATCH_LAUNCH_SOCKET");
  gatewatch::agent::Launch launch{
      from_environment != nullptr ? from_environment : "gatewatch-agent",
      nullptr};
  int i = 1;
  for (; i < argc && argv[i][0] == '-'; ++i) {
    if (strcmp(argv[i], "--") == 0) {
      ++i;
      break;
    }
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      fputs(kUsage, stdout);
      return 0;
    }
    if (strcmp(argv[i], "--socket") != 0) {
      return UsageError("unknown option ", argv[i]);
    }
    if (++i == argc) return UsageError("--socket needs a name", "");
    launch.agent_socket = argv[i];
  }
  if (i >= argc) return UsageError("which command?", "");
  launch.command = argv + i;
  gatewatch::agent::LaunchCommand(launch, Complain);
  const int error = errno;
  fprintf(stderr, "gatewatch-launch: cannot execute %s: %s\n",
          launch.command[0], strerror(error));
  return error == ENOENT ? 127 : 126;
}
