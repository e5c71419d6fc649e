#include "cli/simulate/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "cli/simulate/child_process.h"
#include "cli/simulate/loopback.h"

namespace gatewatch::cli {
namespace {

// Asks the kernel to connect and gives up at once. A first packet may leave
// for the link-local address, which no router forwards; no request does.
absl::Status Connect(const std::string& ip) {
  return ConnectTo(ip, SOCK_STREAM);
}

// Sends nothing at all: connecting a datagram socket only notes the peer.
absl::Status Aim(const std::string& ip) { return ConnectTo(ip, SOCK_DGRAM); }

absl::Status Download(const std::string& path) {
  return CopyHarmlessProgram(path);
}

absl::Status OpenToRead(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.valid() ? absl::OkStatus() : ErrnoStatus(errno, path);
}

absl::Status RunHarmless(const std::string& path) {
  return RunProgram(path, {"true"});
}

absl::Status DoNothing(const std::string&) { return absl::OkStatus(); }

absl::Status SpawnShell(const std::string& command) {
  return RunProgram("/bin/sh", {"sh", "-c", command});
}

struct Step {
  const char* name;
  absl::Status (*run)(const std::string& argument);
};

constexpr Step kSteps[] = {
    {"aim", Aim},
    {"connect", Connect},
    {"download", Download},
    {"nothing", DoNothing},
    {"open", OpenToRead},
    {"run", RunHarmless},
    {"spawn-shell", SpawnShell},
};

absl::StatusOr<std::string> LinkAs(const SimulationContext& context,
                                   const std::string& target,
                                   const std::string& program) {
  std::string link = absl::StrCat(context.directory, "/", program);
  if (symlink(target.c_str(), link.c_str()) != 0) {
    return ErrnoStatus(errno, absl::StrCat("symlink ", link));
  }
  return link;
}

}  // namespace

absl::Status RunStepAs(const SimulationContext& context,
                       const std::string& program, const std::string& step,
                       const std::string& argument) {
  GATEWATCH_ASSIGN_OR_RETURN(const std::string link,
                             LinkAs(context, context.self, program));
  return RunProgram(link, {program, kStepCommand, step, argument});
}

absl::Status RunHarmlessAs(const SimulationContext& context,
                           const std::string& program,
                           std::vector<std::string> arguments) {
  GATEWATCH_ASSIGN_OR_RETURN(
      const std::string link,
      LinkAs(context, std::string(HarmlessProgram()), program));
  arguments.insert(arguments.begin(), "true");
  return RunProgram(link, arguments);
}

absl::Status RunHarmlessBelow(const SimulationContext& context,
                              const std::string& parent,
                              const std::string& program) {
  GATEWATCH_ASSIGN_OR_RETURN(
      const std::string link,
      LinkAs(context, std::string(HarmlessProgram()), program));
  return RunStepAs(context, parent, "run", link);
}

absl::Status RunShellOnPipe(const SimulationContext& context,
                            const std::string& program,
                            const std::string& arguments) {
  GATEWATCH_ASSIGN_OR_RETURN(
      const std::string link,
      LinkAs(context, std::string(HarmlessProgram()), program));
  int input[2];
  int output[2];
  if (pipe2(input, O_CLOEXEC) != 0) return ErrnoStatus(errno, "pipe2");
  const UniqueFd input_end(input[0]);
  UniqueFd commands(input[1]);
  if (pipe2(output, O_CLOEXEC) != 0) return ErrnoStatus(errno, "pipe2");
  const UniqueFd prompts(output[0]);
  const UniqueFd output_end(output[1]);
  // Both fit into the pipes: nobody has to wait.
  const std::string text = absl::StrCat(link, " ", arguments, "\nexit\n");
  if (write(commands.get(), text.data(), text.size()) < 0) {
    return ErrnoStatus(errno, "write");
  }
  ChildProcess shell([&] {
    setsid();  // an interactive shell would take over our terminal
    dup2(input_end.get(), STDIN_FILENO);
    dup2(output_end.get(), STDOUT_FILENO);
    dup2(output_end.get(), STDERR_FILENO);
    return Execute("/bin/sh", {"sh", "-i"});
  });
  return shell.Wait();
}

absl::Status DoStep(const std::string& step, const std::string& argument) {
  for (const Step& row : kSteps) {
    if (row.name == step) return row.run(argument);
  }
  return absl::NotFoundError(absl::StrCat("no such step: ", step));
}

}  // namespace gatewatch::cli
