// What is observed of privileged calls is sent value for value.

#include <algorithm>

#include "agent/translate.h"
#include "base/syscall_kind.h"
#include "catch2/catch.hpp"
#include "probes/syscalls/table.h"
#include "proto/event_kind.h"

namespace gatewatch::agent {

TEST_CASE("every call of the table leads to a kind of event", "[translate]") {
  const auto& kinds = EventKinds();
  for (const probes::SyscallRow& row : probes::SyscallTable()) {
    const absl::string_view kind = KindOfSyscall(row.name);
    CAPTURE(row.name, kind);
    CHECK(std::find(kinds.begin(), kinds.end(), kind) != kinds.end());
  }
}

TEST_CASE("an outcome is unknown, a success or an error", "[translate]") {
  using probes::OutcomeStatus;
  CHECK(ToProto(probes::Outcome{}).status() == v1::Outcome::STATUS_UNKNOWN);
  const v1::Outcome failed =
      ToProto(probes::Outcome{.status = OutcomeStatus::kFailed, .error = 13});
  CHECK(failed.status() == v1::Outcome::STATUS_FAILED);
  CHECK(failed.error() == 13);
  const v1::Outcome succeeded = ToProto(
      probes::Outcome{.status = OutcomeStatus::kSucceeded, .return_value = 5});
  CHECK(succeeded.status() == v1::Outcome::STATUS_SUCCEEDED);
  CHECK(succeeded.return_value() == 5);
}

TEST_CASE("a signal is sent with its target", "[translate]") {
  const v1::SignalSend send = ToProto(probes::SignalSent{-7, 9});
  CHECK(send.target_pid() == -7);
  CHECK(send.signal() == 9);
}

TEST_CASE("the methods of access are told apart", "[translate]") {
  using probes::AccessMethod;
  const std::pair<AccessMethod, v1::ProcessAccess::Method> methods[] = {
      {AccessMethod::kPtrace, v1::ProcessAccess::METHOD_PTRACE},
      {AccessMethod::kReadMemory, v1::ProcessAccess::METHOD_READ_MEMORY},
      {AccessMethod::kWriteMemory, v1::ProcessAccess::METHOD_WRITE_MEMORY},
      {AccessMethod::kTakeDescriptor,
       v1::ProcessAccess::METHOD_TAKE_DESCRIPTOR}};
  for (const auto& [from, to] : methods) {
    CHECK(ToProto(probes::ProcessAccessed{3, 4, from}).method() == to);
  }
}

TEST_CASE("a change of namespaces is sent with what is joined", "[translate]") {
  const v1::NamespaceChange change = ToProto(probes::NamespaceChanged{
      probes::NamespaceOperation::kJoin, 0x20000, "mnt:[1]", 5});
  CHECK(change.namespaces() == 0x20000);
  CHECK(change.path() == "mnt:[1]");
  CHECK(change.target_pid() == 5);
}

TEST_CASE("the steps of a mount are told apart", "[translate]") {
  using probes::MountOperation;
  using Change = v1::MountChange;
  const std::pair<MountOperation, Change::Operation> operations[] = {
      {MountOperation::kMount, Change::OPERATION_MOUNT},
      {MountOperation::kUnmount, Change::OPERATION_UNMOUNT},
      {MountOperation::kPivotRoot, Change::OPERATION_PIVOT_ROOT},
      {MountOperation::kMove, Change::OPERATION_MOVE},
      {MountOperation::kOpenFileSystem, Change::OPERATION_OPEN_FILE_SYSTEM},
      {MountOperation::kMakeMount, Change::OPERATION_MAKE_MOUNT},
      {MountOperation::kCloneTree, Change::OPERATION_CLONE_TREE},
      {MountOperation::kSetAttributes, Change::OPERATION_SET_ATTRIBUTES},
      {MountOperation::kChroot, Change::OPERATION_CHROOT}};
  for (const auto& [from, to] : operations) {
    probes::MountChanged changed;
    changed.operation = from;
    CHECK(ToProto(changed).operation() == to);
    CHECK_FALSE(ToProto(changed).has_target());
  }
  probes::MountChanged mount;
  mount.source = "/dev/sda1";
  mount.target.path = "/mnt";
  mount.file_system = "ext4";
  mount.flags = 6;
  const Change sent = ToProto(mount);
  CHECK(sent.source() == "/dev/sda1");
  CHECK(sent.target().path() == "/mnt");
  CHECK(sent.file_system() == "ext4");
  CHECK(sent.flags() == 6);
}

TEST_CASE("the interfaces of the kernel are told apart", "[translate]") {
  using probes::KernelInterface;
  using Used = v1::KernelInterface;
  const std::pair<KernelInterface, Used::Interface> interfaces[] = {
      {KernelInterface::kBpf, Used::INTERFACE_BPF},
      {KernelInterface::kLoadModule, Used::INTERFACE_LOAD_MODULE},
      {KernelInterface::kUnloadModule, Used::INTERFACE_UNLOAD_MODULE},
      {KernelInterface::kUserFault, Used::INTERFACE_USER_FAULT},
      {KernelInterface::kIoUring, Used::INTERFACE_IO_URING},
      {KernelInterface::kPerfEvent, Used::INTERFACE_PERF_EVENT},
      {KernelInterface::kOpenByHandle, Used::INTERFACE_OPEN_BY_HANDLE}};
  for (const auto& [from, to] : interfaces) {
    const Used used = ToProto(probes::KernelInterfaceUsed{from, 5, "x", 2});
    CHECK(used.interface() == to);
    CHECK(used.command() == 5);
    CHECK(used.name() == "x");
    CHECK(used.flags() == 2);
  }
}

TEST_CASE("executable memory is sent as it was asked for", "[translate]") {
  const v1::ExecutableMemory memory = ToProto(
      probes::MemoryMadeExecutable{0x7f0000000000, 4096, 7, 0x22, "/x"});
  CHECK(memory.address() == 0x7f0000000000);
  CHECK(memory.length() == 4096);
  CHECK(memory.protection() == 7);
  CHECK(memory.flags() == 0x22);
  CHECK(memory.path() == "/x");
}

TEST_CASE("a change of a file is sent with what is particular to it",
          "[translate]") {
  using probes::FileOperation;
  using Change = v1::FileChange;
  const std::pair<FileOperation, Change::Operation> operations[] = {
      {FileOperation::kTruncate, Change::OPERATION_TRUNCATE},
      {FileOperation::kMknod, Change::OPERATION_MKNOD},
      {FileOperation::kSetAttribute, Change::OPERATION_SET_ATTRIBUTE},
      {FileOperation::kRemoveAttribute, Change::OPERATION_REMOVE_ATTRIBUTE}};
  for (const auto& [from, to] : operations) {
    probes::FileChanged changed;
    changed.operation = from;
    changed.length = 5;
    changed.node_device = 0x801;
    changed.attribute = "user.x";
    const Change sent = ToProto(changed);
    CHECK(sent.operation() == to);
    CHECK(sent.length() == 5);
    CHECK(sent.node_device() == 0x801);
    CHECK(sent.attribute() == "user.x");
  }
}

TEST_CASE("requested credentials are sent as they were given", "[translate]") {
  probes::CredentialsRequested request;
  request.file_system_uid = 0;
  request.groups = {12, 34};
  request.capabilities = {.effective = 1, .permitted = 2, .inheritable = 4};
  const v1::CredentialChange change = ToProto(request);
  CHECK(change.has_file_system_uid());
  CHECK_FALSE(change.has_file_system_gid());
  CHECK(change.groups_size() == 2);
  CHECK(change.capabilities().effective() == 1);
  CHECK(change.capabilities().permitted() == 2);
  CHECK(change.capabilities().inheritable() == 4);
  CHECK_FALSE(ToProto(probes::CredentialsRequested{}).has_capabilities());
}

}  // namespace gatewatch::agent
