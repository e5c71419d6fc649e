#include "agent/launch_command.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status.h"

namespace gatewatch::agent {
namespace {

constexpr std::array kForwarded = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
                                   SIGUSR1, SIGUSR2, SIGWINCH};

// A signal handler can only reach globals. 0: no command runs.
std::atomic<pid_t> forward_to = 0;
// One that came before the command ran.
std::atomic<int> early_signal = 0;
static_assert(std::atomic<pid_t>::is_always_lock_free);

void Forward(int signal, siginfo_t* info, void*) {
  // The terminal's go to the whole foreground process group, the command
  // included: twice would be once too often.
  if (info->si_code == SI_KERNEL) return;
  const int saved = errno;
  if (const pid_t pid = forward_to.load(); pid > 0) {
    ::kill(pid, signal);
  } else {
    early_signal = signal;
  }
  errno = saved;
}

// Forwards signals as long as it lives.
class Forwarding {
 public:
  Forwarding() {
    struct sigaction action = {};
    action.sa_sigaction = &Forward;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < kForwarded.size(); ++i) {
      ::sigaction(kForwarded[i], nullptr, &before_[i]);
      // Ignored means that whoever started us wants it so (nohup).
      if (before_[i].sa_handler == SIG_IGN) continue;
      ::sigaction(kForwarded[i], &action, nullptr);
    }
  }
  ~Forwarding() {
    for (size_t i = 0; i < kForwarded.size(); ++i) {
      ::sigaction(kForwarded[i], &before_[i], nullptr);
    }
  }
  Forwarding(const Forwarding&) = delete;
  Forwarding& operator=(const Forwarding&) = delete;

 private:
  std::array<struct sigaction, kForwarded.size()> before_;
};

absl::StatusOr<pid_t> Spawn(const std::string& launcher,
                            const LaunchCommandOptions& options) {
  std::vector<std::string> arguments = {launcher, "--socket",
                                        options.launch_socket, "--"};
  arguments.insert(arguments.end(), options.command.begin(),
                   options.command.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, launcher.c_str(), nullptr, nullptr,
                                  argv.data(), environ);
  if (error != 0) return ErrnoStatus(error, launcher);
  return pid;
}

}  // namespace

absl::StatusOr<std::string> LauncherPath() {
  GATEWATCH_ASSIGN_OR_RETURN(const std::string self,
                             ReadLink("/proc/self/exe"));
  return absl::StrCat(self.substr(0, self.rfind('/')), "/gatewatch-launch");
}

absl::StatusOr<int> RunLaunchCommand(const LaunchCommandOptions& options) {
  if (options.command.empty()) {
    return absl::InvalidArgumentError("no command to run");
  }
  GATEWATCH_ASSIGN_OR_RETURN(const std::string launcher, LauncherPath());
  early_signal = 0;
  const Forwarding forwarding;
  GATEWATCH_ASSIGN_OR_RETURN(const pid_t pid, Spawn(launcher, options));
  forward_to = pid;
  if (const int early = early_signal.exchange(0); early != 0) {
    ::kill(pid, early);
  }
  // Leave it unreaped at first: as long as it is, its pid is no one else's.
  siginfo_t info = {};
  while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) !=
             0 &&
         errno == EINTR) {
  }
  forward_to = 0;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return ErrnoStatus(errno, "waitpid", pid);
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace gatewatch::agent
