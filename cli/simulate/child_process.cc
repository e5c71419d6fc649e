#include "cli/simulate/child_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status.h"
#include "base/unique_fd.h"

namespace gatewatch::cli {
namespace {

constexpr int kPatienceMs = 10'000;
constexpr int kCannotExecute = 127;  // as shells say it
constexpr size_t kMaxProgramBytes = 8 << 20;

bool EndsInTime(pid_t pid) {
  const UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  // Without pidfd (Linux before 5.3) waitpid below does the waiting.
  if (!pidfd.valid()) return true;
  pollfd end = {pidfd.get(), POLLIN, 0};
  int ready;
  do {
    ready = poll(&end, 1, kPatienceMs);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

int Reap(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

void ThrowOutputAway() {
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    dup2(null.get(), fd);
  }
}

}  // namespace

ChildProcess::ChildProcess(const std::function<int()>& body) {
  pid_ = fork();
  if (pid_ == 0) _exit(body());
  if (pid_ < 0) pid_ = 0;
}

ChildProcess::~ChildProcess() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  Reap(pid_);
}

absl::Status ChildProcess::Wait() {
  if (pid_ == 0) return absl::InternalError("no process could be made");
  if (!EndsInTime(pid_)) {
    return absl::DeadlineExceededError("a process did not end in time");
  }
  const int status = Reap(std::exchange(pid_, 0));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  if (WIFSIGNALED(status)) {
    return absl::InternalError(
        absl::StrCat("a process was ended by signal ", WTERMSIG(status)));
  }
  return absl::InternalError(
      absl::StrCat("a process ended with status ", WEXITSTATUS(status)));
}

absl::Status RunProgram(const std::string& path,
                        const std::vector<std::string>& arguments) {
  ChildProcess child([&] {
    ThrowOutputAway();
    return Execute(path, arguments);
  });
  return child.Wait();
}

int Execute(const std::string& path,
            const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  execv(path.c_str(), argv.data());
  return kCannotExecute;
}

absl::string_view HarmlessProgram() { return "/bin/true"; }

absl::Status CopyHarmlessProgram(const std::string& path) {
  GATEWATCH_ASSIGN_OR_RETURN(
      const std::string program,
      ReadFile(std::string(HarmlessProgram()), kMaxProgramBytes));
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << program << std::flush;
  if (!file) return absl::InternalError(absl::StrCat("cannot write ", path));
  return absl::OkStatus();
}

}  // namespace gatewatch::cli
