#include "agent/translate_enums.h"

namespace gatewatch::agent {

v1::FileChange::Operation ToProto(probes::FileOperation operation) {
  using probes::FileOperation;
  switch (operation) {
    case FileOperation::kUnlink:
      return v1::FileChange::OPERATION_UNLINK;
    case FileOperation::kRename:
      return v1::FileChange::OPERATION_RENAME;
    case FileOperation::kLink:
      return v1::FileChange::OPERATION_LINK;
    case FileOperation::kSymlink:
      return v1::FileChange::OPERATION_SYMLINK;
    case FileOperation::kChmod:
      return v1::FileChange::OPERATION_CHMOD;
    case FileOperation::kChown:
      return v1::FileChange::OPERATION_CHOWN;
    case FileOperation::kMkdir:
      return v1::FileChange::OPERATION_MKDIR;
    case FileOperation::kRmdir:
      return v1::FileChange::OPERATION_RMDIR;
    case FileOperation::kTruncate:
      return v1::FileChange::OPERATION_TRUNCATE;
    case FileOperation::kMknod:
      return v1::FileChange::OPERATION_MKNOD;
    case FileOperation::kSetAttribute:
      return v1::FileChange::OPERATION_SET_ATTRIBUTE;
    case FileOperation::kRemoveAttribute:
      return v1::FileChange::OPERATION_REMOVE_ATTRIBUTE;
  }
  return v1::FileChange::OPERATION_UNSPECIFIED;
}

v1::ProcessAccess::Method ToProto(probes::AccessMethod method) {
  using probes::AccessMethod;
  switch (method) {
    case AccessMethod::kPtrace:
      return v1::ProcessAccess::METHOD_PTRACE;
    case AccessMethod::kReadMemory:
      return v1::ProcessAccess::METHOD_READ_MEMORY;
    case AccessMethod::kWriteMemory:
      return v1::ProcessAccess::METHOD_WRITE_MEMORY;
    case AccessMethod::kTakeDescriptor:
      return v1::ProcessAccess::METHOD_TAKE_DESCRIPTOR;
  }
  return v1::ProcessAccess::METHOD_PTRACE;
}

v1::MountChange::Operation ToProto(probes::MountOperation operation) {
  using probes::MountOperation;
  switch (operation) {
    case MountOperation::kMount:
      return v1::MountChange::OPERATION_MOUNT;
    case MountOperation::kUnmount:
      return v1::MountChange::OPERATION_UNMOUNT;
    case MountOperation::kPivotRoot:
      return v1::MountChange::OPERATION_PIVOT_ROOT;
    case MountOperation::kMove:
      return v1::MountChange::OPERATION_MOVE;
    case MountOperation::kOpenFileSystem:
      return v1::MountChange::OPERATION_OPEN_FILE_SYSTEM;
    case MountOperation::kMakeMount:
      return v1::MountChange::OPERATION_MAKE_MOUNT;
    case MountOperation::kCloneTree:
      return v1::MountChange::OPERATION_CLONE_TREE;
    case MountOperation::kSetAttributes:
      return v1::MountChange::OPERATION_SET_ATTRIBUTES;
    case MountOperation::kChroot:
      return v1::MountChange::OPERATION_CHROOT;
  }
  return v1::MountChange::OPERATION_UNSPECIFIED;
}

v1::KernelInterface::Interface ToProto(probes::KernelInterface interface) {
  using probes::KernelInterface;
  switch (interface) {
    case KernelInterface::kBpf:
      return v1::KernelInterface::INTERFACE_BPF;
    case KernelInterface::kLoadModule:
      return v1::KernelInterface::INTERFACE_LOAD_MODULE;
    case KernelInterface::kUnloadModule:
      return v1::KernelInterface::INTERFACE_UNLOAD_MODULE;
    case KernelInterface::kUserFault:
      return v1::KernelInterface::INTERFACE_USER_FAULT;
    case KernelInterface::kIoUring:
      return v1::KernelInterface::INTERFACE_IO_URING;
    case KernelInterface::kPerfEvent:
      return v1::KernelInterface::INTERFACE_PERF_EVENT;
    case KernelInterface::kOpenByHandle:
      return v1::KernelInterface::INTERFACE_OPEN_BY_HANDLE;
  }
  return v1::KernelInterface::INTERFACE_UNSPECIFIED;
}

}  // namespace gatewatch::agent
