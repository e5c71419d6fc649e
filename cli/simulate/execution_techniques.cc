#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "cli/simulate/child_process.h"
#include "cli/simulate/steps.h"
#include "cli/simulate/techniques.h"

namespace gatewatch::cli {
namespace {

// Executes the harmless program under another name. argv[0] stays "true",
// which selects it where it shares a binary with others.
absl::Status RunHarmlessAs(const SimulationContext& context,
                           const std::string& program,
                           std::vector<std::string> arguments) {
  const std::string link = absl::StrCat(context.directory, "/", program);
  if (symlink(std::string(HarmlessProgram()).c_str(), link.c_str()) != 0) {
    return ErrnoStatus(errno, absl::StrCat("symlink ", link));
  }
  arguments.insert(arguments.begin(), "true");
  return RunProgram(link, arguments);
}

absl::Status MakeExecutable(const std::string& path) {
  if (chmod(path.c_str(), 0700) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, absl::StrCat("chmod ", path));
}

}  // namespace

absl::Status SimulateMemoryExecution(const SimulationContext& context) {
  const UniqueFd memory(memfd_create("gatewatch-simulation", MFD_CLOEXEC));
  if (!memory.valid()) return ErrnoStatus(errno, "memfd_create");
  const std::string path = absl::StrCat("/proc/self/fd/", memory.get());
  GATEWATCH_RETURN_IF_ERROR(CopyHarmlessProgram(path));
  context.out << "  executing " << HarmlessProgram()
              << " from an anonymous file\n";
  ChildProcess child([&memory] {
    char name[] = "true";
    char* argv[] = {name, nullptr};
    fexecve(memory.get(), argv, environ);
    return 1;
  });
  return child.Wait();
}

absl::Status SimulateNewFileExecution(const SimulationContext& context) {
  const std::string path = absl::StrCat(context.directory, "/new-program");
  GATEWATCH_RETURN_IF_ERROR(CopyHarmlessProgram(path));
  GATEWATCH_RETURN_IF_ERROR(MakeExecutable(path));
  context.out << "  executing " << path << ", a copy of " << HarmlessProgram()
              << '\n';
  return RunProgram(path, {"true"});
}

absl::Status SimulateDownloadExecution(const SimulationContext& context) {
  const std::string path = absl::StrCat(context.directory, "/payload");
  context.out << "  as curl, writing " << HarmlessProgram() << " to " << path
              << "; making it executable; executing it\n";
  GATEWATCH_RETURN_IF_ERROR(RunStepAs(context, "curl", "download", path));
  GATEWATCH_RETURN_IF_ERROR(MakeExecutable(path));
  return RunProgram(path, {"true"});
}

absl::Status SimulateServerShell(const SimulationContext& context) {
  context.out << "  as nginx, starting sh -c true\n";
  return RunStepAs(context, "nginx", "spawn-shell", "true");
}

absl::Status SimulateCryptominer(const SimulationContext& context) {
  context.out << "  executing " << HarmlessProgram() << " as xmrig\n";
  return RunHarmlessAs(
      context, "xmrig",
      {"--donate-level", "1", "-o", "stratum+tcp://127.0.0.1:3333"});
}

absl::Status SimulatePackageManager(const SimulationContext& context) {
  context.out << "  executing " << HarmlessProgram() << " as apk add\n";
  return RunHarmlessAs(context, "apk", {"add", "--no-cache", "nmap"});
}

}  // namespace gatewatch::cli
