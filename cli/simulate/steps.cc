#include "cli/simulate/steps.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "cli/simulate/child_process.h"

namespace gatewatch::cli {
namespace {

// Asks the kernel to connect and gives up at once. A first packet may leave
// for the link-local address, which no router forwards; no request does.
absl::Status Connect(const std::string& ip) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(80);
  if (inet_pton(AF_INET, ip.c_str(), &address.sin_addr) != 1) {
    return absl::InvalidArgumentError(absl::StrCat("not an address: ", ip));
  }
  const UniqueFd fd(
      socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return ErrnoStatus(errno, "socket");
  // Whether there is a way to it does not matter.
  connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
          sizeof(address));
  return absl::OkStatus();
}

absl::Status Download(const std::string& path) {
  return CopyHarmlessProgram(path);
}

absl::Status SpawnShell(const std::string& command) {
  return RunProgram("/bin/sh", {"sh", "-c", command});
}

struct Step {
  const char* name;
  absl::Status (*run)(const std::string& argument);
};

constexpr Step kSteps[] = {
    {"connect", Connect}, {"download", Download}, {"spawn-shell", SpawnShell}};

}  // namespace

absl::Status RunStepAs(const SimulationContext& context,
                       const std::string& program, const std::string& step,
                       const std::string& argument) {
  const std::string link = absl::StrCat(context.directory, "/", program);
  if (symlink(context.self.c_str(), link.c_str()) != 0) {
    return ErrnoStatus(errno, absl::StrCat("symlink ", link));
  }
  return RunProgram(link, {program, kStepCommand, step, argument});
}

absl::Status DoStep(const std::string& step, const std::string& argument) {
  for (const Step& row : kSteps) {
    if (row.name == step) return row.run(argument);
  }
  return absl::NotFoundError(absl::StrCat("no such step: ", step));
}

}  // namespace gatewatch::cli
