#include "cli/render_privileged.h"

#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

#include <climits>

#include "catch2/catch.hpp"

namespace gatewatch::cli {

TEST_CASE("an access tells what is done to whom", "[cli]") {
  v1::ProcessAccess access;
  access.set_target_pid(9);
  access.set_method(v1::ProcessAccess::METHOD_WRITE_MEMORY);
  CHECK(DescribeAccess(access) == "write memory of pid 9");
  access.set_method(v1::ProcessAccess::METHOD_READ_MEMORY);
  CHECK(DescribeAccess(access) == "read memory of pid 9");
  access.set_method(v1::ProcessAccess::METHOD_TAKE_DESCRIPTOR);
  access.clear_target_pid();
  CHECK(DescribeAccess(access) == "take a descriptor");
}

TEST_CASE("a signal tells where it goes", "[cli]") {
  v1::SignalSend send;
  send.set_signal(SIGKILL);
  const std::pair<int, std::string> targets[] = {
      {7, "SIGKILL to pid 7"},
      {0, "SIGKILL to its group"},
      {-1, "SIGKILL to every process"},
      {-7, "SIGKILL to group 7"},
      {INT_MIN, "SIGKILL to group 2147483648"}};
  for (const auto& [pid, text] : targets) {
    send.set_target_pid(pid);
    CHECK(DescribeSignal(send) == text);
  }
}

TEST_CASE("a change of namespaces tells which and whose", "[cli]") {
  v1::NamespaceChange change;
  CHECK(DescribeNamespaces(change) == "any");
  change.set_namespaces(CLONE_NEWNS | CLONE_NEWPID);
  CHECK(DescribeNamespaces(change) == "CLONE_NEWNS|CLONE_NEWPID");
  change.set_path("mnt:[1]");
  CHECK(DescribeNamespaces(change) == "CLONE_NEWNS|CLONE_NEWPID mnt:[1]");
  change.clear_path();
  change.set_target_pid(4);
  CHECK(DescribeNamespaces(change) == "CLONE_NEWNS|CLONE_NEWPID of pid 4");
}

TEST_CASE("memory tells how much of it may do what", "[cli]") {
  v1::ExecutableMemory memory;
  memory.set_protection(PROT_WRITE | PROT_EXEC);
  memory.set_length(4096);
  CHECK(DescribeExecutableMemory(memory) == "PROT_WRITE|PROT_EXEC 4096 bytes");
  memory.set_address(0x1000);
  memory.set_path("/lib/x.so");
  CHECK(DescribeExecutableMemory(memory) ==
        "PROT_WRITE|PROT_EXEC 4096 bytes at 0x1000 /lib/x.so");
}

TEST_CASE("a mount tells what goes where", "[cli]") {
  v1::MountChange change;
  change.set_operation(v1::MountChange::OPERATION_MOUNT);
  change.mutable_target()->set_path("/mnt");
  change.set_source("/dev/sda1");
  change.set_file_system("ext4");
  CHECK(DescribeMount(change) == "mount /mnt from /dev/sda1 type ext4");
  change.set_source("\x1b[31m");
  CHECK(DescribeMount(change) == "mount /mnt from \\x1b[31m type ext4");
  v1::MountChange root;
  root.set_operation(v1::MountChange::OPERATION_CHROOT);
  root.mutable_target()->set_path("/jail");
  CHECK(DescribeMount(root) == "change root to /jail");
}

TEST_CASE("every step of a mount and every interface has a name", "[cli]") {
  for (int i = 1; i < v1::MountChange::Operation_ARRAYSIZE; ++i) {
    v1::MountChange change;
    change.set_operation(static_cast<v1::MountChange::Operation>(i));
    CHECK_FALSE(DescribeMount(change).empty());
  }
  for (int i = 1; i < v1::KernelInterface::Interface_ARRAYSIZE; ++i) {
    v1::KernelInterface used;
    used.set_interface(static_cast<v1::KernelInterface::Interface>(i));
    CHECK_FALSE(DescribeInterface(used).empty());
  }
}

TEST_CASE("a lever on the kernel tells what is asked of it", "[cli]") {
  v1::KernelInterface used;
  used.set_interface(v1::KernelInterface::INTERFACE_BPF);
  used.set_command(BPF_PROG_LOAD);
  CHECK(DescribeInterface(used) == "bpf BPF_PROG_LOAD");
  v1::KernelInterface module;
  module.set_interface(v1::KernelInterface::INTERFACE_LOAD_MODULE);
  module.set_name("/tmp/root.ko");
  CHECK(DescribeInterface(module) == "load module /tmp/root.ko");
}

}  // namespace gatewatch::cli
