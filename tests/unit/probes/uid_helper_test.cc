#include "probes/procfs/uid_helper.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "catch2/catch.hpp"
#include "probes/procfs/proc_reader.h"
#include "tests/support/skip.h"

namespace gatewatch::probes {
namespace {

constexpr uid_t kUser = 1000;

// A program that runs as another user, with a socket on descriptor 9.
class Target {
 public:
  Target() {
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::dup2(::socket(AF_INET, SOCK_DGRAM, 0), 9);
      if (::setresgid(kUser, kUser, kUser) != 0) ::_exit(1);
      if (::setresuid(kUser, kUser, kUser) != 0) ::_exit(1);
      const char* const environment[] = {"MARK=here", nullptr};
      ::execle("/bin/sleep", "sleep", "100", nullptr, environment);
      ::_exit(1);
    }
    while (ReadFile(absl::StrCat("/proc/", pid_, "/comm")).value_or("") !=
           "sleep\n") {
      ::usleep(1000);
    }
  }
  ~Target() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

// What containers have by default; SYS_PTRACE is not among it.
constexpr int kDefaultCapabilities[] = {
    CAP_CHOWN,       CAP_DAC_OVERRIDE, CAP_FOWNER,           CAP_FSETID,
    CAP_KILL,        CAP_SETGID,       CAP_SETUID,           CAP_SETPCAP,
    CAP_NET_RAW,     CAP_SYS_CHROOT,   CAP_NET_BIND_SERVICE, CAP_MKNOD,
    CAP_AUDIT_WRITE, CAP_SETFCAP};

bool KeepDefaultCapabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  for (const int capability : kDefaultCapabilities) {
    data[0].effective |= 1u << capability;
  }
  data[0].permitted = data[0].effective;
  return ::syscall(SYS_capset, &header, data) == 0;
}

// What `body` answers in a process that is root as in such a container. It
// may not use the test framework; 0 is reserved for success.
int AsAgentOnEks(const std::function<int()>& body) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(KeepDefaultCapabilities() ? body() : 99);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool IsRoot() {
  if (::geteuid() == 0) return true;
  testing::Skip("needs root, to be several users");
  return false;
}

}  // namespace

TEST_CASE("another user's process is read through a helper alone", "[helper]") {
  if (!IsRoot()) return;
  const Target target;
  const pid_t pid = target.pid();
  CHECK(AsAgentOnEks([&] {
          const ProcReader direct;
          if (!absl::IsPermissionDenied(direct.Link(pid, "exe").status())) {
            return 1;
          }
          if (direct.OpenRoot(pid).ok()) return 2;
          if (!direct.Environment(pid).empty()) return 3;

          UidHelpers helpers;
          const ProcReader proc("/proc", &helpers);
          const auto snapshot = proc.Snapshot(pid);
          if (!snapshot.ok()) return 4;
          if (!absl::EndsWith(snapshot->executable.path, "/sleep")) return 5;
          struct stat file;
          if (::stat("/bin/sleep", &file) != 0) return 6;
          if (snapshot->executable.inode != file.st_ino) return 7;
          if (snapshot->mount_namespace == 0) return 8;
          if (proc.Environment(pid) != std::vector<std::string>{"MARK=here"}) {
            return 9;
          }
          if (proc.ImageMarker(pid) == 0) return 10;
          const auto root = proc.OpenRoot(pid);
          if (!root.ok()) return 11;
          struct stat own_root, other_root;
          if (::stat("/", &own_root) != 0 ||
              ::fstat(root->get(), &other_root) != 0 ||
              own_root.st_ino != other_root.st_ino) {
            return 12;
          }
          const auto sockets = proc.Sockets(pid);
          bool found = false;
          for (const auto& socket : sockets) {
            found |= socket.fd == 9 && socket.inode != 0;
          }
          if (!found) return 13;
          if (proc.ReadDescriptor(pid, 9).kind != DescriptorKind::kSocket) {
            return 14;
          }
          return helpers.size() == 1 ? 0 : 15;
        }) == 0);
}

TEST_CASE("a helper that was killed or stopped is made anew", "[helper]") {
  if (!IsRoot()) return;
  const Target target;
  const pid_t pid = target.pid();
  for (const int signal : {SIGKILL, SIGSTOP}) {
    CHECK(AsAgentOnEks([&] {
            UidHelpers helpers;
            const auto read = [&] {
              return helpers.Link(pid, ProcItem::kExecutable, 0).ok();
            };
            if (!read()) return 1;
            const auto children = ProcReader().Children(::getpid());
            if (children.size() != 1) return 2;
            ::kill(children[0], signal);
            if (read()) return 3;
            if (helpers.size() != 0) return 4;
            for (int i = 0; i < 3000; ++i) {
              if (read()) return 0;
              ::usleep(1000);
            }
            return 5;
          }) == 0);
  }
}

TEST_CASE("no process of its user may look into a helper", "[helper]") {
  if (!IsRoot()) return;
  const Target target;
  const pid_t pid = target.pid();
  CHECK(AsAgentOnEks([&] {
          UidHelpers helpers;
          if (!helpers.Link(pid, ProcItem::kExecutable, 0).ok()) return 1;
          const auto children = ProcReader().Children(::getpid());
          if (children.size() != 1) return 2;
          const std::string descriptors =
              absl::StrCat("/proc/", children[0], "/fd");
          const std::string memory =
              absl::StrCat("/proc/", children[0], "/mem");
          if (::syscall(SYS_setresgid, kUser, kUser, kUser) != 0) return 3;
          if (::syscall(SYS_setresuid, kUser, kUser, kUser) != 0) return 4;
          if (::open(memory.c_str(), O_RDONLY) >= 0) return 5;
          if (::open(descriptors.c_str(), O_RDONLY) >= 0) return 6;
          return 0;
        }) == 0);
}

TEST_CASE("for root and for what is gone there is no helper", "[helper]") {
  if (!IsRoot()) return;
  UidHelpers helpers;
  CHECK(absl::IsPermissionDenied(
      helpers.Link(::getpid(), ProcItem::kExecutable, 0).status()));
  CHECK(absl::IsNotFound(
      helpers.Link(1 << 30, ProcItem::kExecutable, 0).status()));
  CHECK(helpers.Sockets(::getpid()).empty());
  CHECK(helpers.size() == 0);
}

}  // namespace gatewatch::probes
