// Calls on the kernel that cannot succeed, or change nothing when they do.

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/unique_fd.h"
#include "cli/simulate/child_process.h"
#include "cli/simulate/techniques.h"

namespace gatewatch::cli {
namespace {

absl::Status Try(const SimulationContext& context, const char* what,
                 const std::function<long()>& call) {
  context.out << "  " << what << '\n';
  if (call() < 0) {
    context.out << "  (" << strerrordesc_np(errno) << "; the try counts)\n";
  }
  return absl::OkStatus();
}

absl::Status SimulateModule(const SimulationContext& context) {
  return Try(context, "loading a kernel module of no bytes",
             [] { return syscall(SYS_init_module, "", 0UL, ""); });
}

absl::Status SimulateUserFault(const SimulationContext& context) {
  return Try(context, "calling userfaultfd and closing it", [] {
    const UniqueFd fd(static_cast<int>(syscall(SYS_userfaultfd, O_CLOEXEC)));
    return static_cast<long>(fd.get());
  });
}

absl::Status SimulateIoUring(const SimulationContext& context) {
  return Try(context, "setting up io_uring with no entries", [] {
    io_uring_params parameters = {};
    return syscall(SYS_io_uring_setup, 0U, &parameters);
  });
}

absl::Status SimulateMount(const SimulationContext& context) {
  const std::string target = absl::StrCat(context.directory, "/none");
  return Try(context, "mounting a control group on a folder that is not there",
             [&target] {
               return static_cast<long>(
                   mount("none", target.c_str(), "cgroup", 0, nullptr));
             });
}

absl::Status SimulateJoin(const SimulationContext& context) {
  return Try(context, "joining the namespace of host names that it is in", [] {
    const UniqueFd own(open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC));
    return static_cast<long>(setns(own.get(), CLONE_NEWUTS));
  });
}

absl::Status SimulateNamespaces(const SimulationContext& context) {
  context.out << "  making a user namespace, in a child\n";
  ChildProcess child([] {
    unshare(CLONE_NEWUSER);
    return 0;
  });
  return child.Wait();
}

constexpr Simulation kSimulations[] = {
    {"kernel-module", "Kernel module loaded", "T1547.006",
     "a kernel module without content is loaded", SimulateModule, kUnconfined},
    {"userfault", "Page faults taken over", "T1068", "userfaultfd is called",
     SimulateUserFault, kUnconfined},
    {"io-uring", "Asynchronous calls set up", "T1562.001",
     "io_uring_setup is called", SimulateIoUring, kUnconfined},
    {"host-mount", "Host directory or device mounted", "T1611",
     "a control group is to be mounted", SimulateMount, kUnconfined},
    {"namespace-join", "Way out of the container tried", "T1611",
     "setns is called", SimulateJoin, kUnconfined},
    {"user-namespace", "Namespaces made in a container", "T1611",
     "a user namespace is made", SimulateNamespaces, kUnconfined},
};

}  // namespace

absl::Span<const Simulation> KernelSimulations() { return kSimulations; }

}  // namespace gatewatch::cli
