#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "cli/simulate/child_process.h"
#include "cli/simulate/loopback.h"
#include "cli/simulate/steps.h"
#include "cli/simulate/techniques.h"

namespace gatewatch::cli {
namespace {

constexpr int kPatienceMs = 5'000;
constexpr char kExit[] = "exit\n";

// The victim's side: a shell that reads its commands from a socket.
int ShellOverSocket(const sockaddr_in& address) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) != 0) {
    return 1;
  }
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    dup2(fd, standard);
  }
  return Execute("/bin/sh", {"sh"});
}

absl::Status SendExit(const UniqueFd& listener) {
  pollfd incoming = {listener.get(), POLLIN, 0};
  if (poll(&incoming, 1, kPatienceMs) != 1) {
    return absl::DeadlineExceededError("the shell did not connect");
  }
  const UniqueFd connection(
      accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection.valid()) return ErrnoStatus(errno, "accept4");
  if (send(connection.get(), kExit, sizeof(kExit) - 1, MSG_NOSIGNAL) < 0) {
    return ErrnoStatus(errno, "send");
  }
  // Until the shell is gone: closing earlier would reset the connection
  // before it has read.
  pollfd end = {connection.get(), POLLIN | POLLRDHUP, 0};
  poll(&end, 1, kPatienceMs);
  return absl::OkStatus();
}

absl::Status SimulateReverseShell(const SimulationContext& context) {
  sockaddr_in address;
  GATEWATCH_ASSIGN_OR_RETURN(const UniqueFd listener,
                             ListenOnLoopback(address));
  context.out << "  connecting sh to 127.0.0.1:" << ntohs(address.sin_port)
              << ", which tells it to exit\n";
  ChildProcess shell([&address] { return ShellOverSocket(address); });
  GATEWATCH_RETURN_IF_ERROR(SendExit(listener));
  return shell.Wait();
}

absl::Status SimulateCredentialEndpoint(const SimulationContext& context) {
  context.out << "  as curl, connecting to 169.254.170.2:80 without waiting\n";
  return RunStepAs(context, "curl", "connect", "169.254.170.2");
}

// Nothing is sent: the address is noted in a datagram socket.
absl::Status AimAt(const SimulationContext& context, const std::string& ip) {
  context.out << "  connecting a datagram socket to " << ip
              << ", sending nothing\n";
  return RunStepAs(context, "curl", "aim", ip);
}

absl::Status SimulateDockerSocket(const SimulationContext& context) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  absl::SNPrintF(address.sun_path, sizeof(address.sun_path), "%s",
                 "/var/run/docker.sock");
  context.out << "  connecting to " << address.sun_path << ", saying nothing\n";
  const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return ErrnoStatus(errno, "socket");
  // Mostly there is none; the try counts.
  connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
          sizeof(address));
  return absl::OkStatus();
}

absl::Status SimulateRawSocket(const SimulationContext& context) {
  context.out << "  opening a packet socket that receives nothing\n";
  const UniqueFd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!fd.valid()) context.out << "  (this user may not; the try counts)\n";
  return absl::OkStatus();
}

using Context = const SimulationContext&;

constexpr Simulation kSimulations[] = {
    {"reverse-shell", "Reverse shell", "T1059.004",
     "a shell whose input and output are a socket", SimulateReverseShell},
    {"credential-endpoint", "Credential endpoint reached by a tool",
     "T1552.005", "curl turns to 169.254.170.2", SimulateCredentialEndpoint},
    {"instance-metadata", "Instance metadata reached by a tool", "T1552.005",
     "curl turns to 169.254.169.254",
     [](Context context) { return AimAt(context, "169.254.169.254"); }},
    {"crypto-address", "Cryptocurrency address reached", "T1496",
     "an address of the list crypto_addresses is turned to",
     [](Context context) { return AimAt(context, "203.0.113.10"); }},
    {"c2-address", "Command and control address reached", "T1071",
     "an address of the list command_and_control_addresses is turned to",
     [](Context context) { return AimAt(context, "203.0.113.20"); }},
    {"black-hole-address", "Black hole address reached", "T1071",
     "an address of the list black_hole_addresses is turned to",
     [](Context context) { return AimAt(context, "203.0.113.30"); }},
    {"drop-point-address", "Drop point address reached", "T1041",
     "an address of the list drop_point_addresses is turned to",
     [](Context context) { return AimAt(context, "203.0.113.40"); }},
    {"tor-client", "Tor client", "T1090.003",
     "an address of the list tor_guard_addresses is turned to",
     [](Context context) { return AimAt(context, "203.0.113.50"); }},
    {"docker-socket", "Container runtime's socket reached", "T1611",
     "Docker's socket is connected to", SimulateDockerSocket},
    {"raw-socket", "Raw socket opened", "T1040",
     "a socket for raw packets is opened", SimulateRawSocket},
};

}  // namespace

absl::Span<const Simulation> NetworkSimulations() { return kSimulations; }

}  // namespace gatewatch::cli
