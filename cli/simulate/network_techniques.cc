#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "cli/simulate/child_process.h"
#include "cli/simulate/steps.h"
#include "cli/simulate/techniques.h"

namespace gatewatch::cli {
namespace {

constexpr int kPatienceMs = 5'000;
constexpr char kExit[] = "exit\n";

// Listens on a free port of the loopback, which is left in `address`.
absl::StatusOr<UniqueFd> ListenOnLoopback(sockaddr_in& address) {
  UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  if (!listener.valid() || bind(listener.get(), generic, size) != 0 ||
      listen(listener.get(), 1) != 0 ||
      getsockname(listener.get(), generic, &size) != 0) {
    return ErrnoStatus(errno, "listening on the loopback");
  }
  return listener;
}

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

}  // namespace

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

}  // namespace gatewatch::cli
