#ifndef GATEWATCH_PROBES_OBSERVATION_H_
#define GATEWATCH_PROBES_OBSERVATION_H_

// Kernel truth in plain structs, made by probes. Knows nothing of protobuf,
// orchestrators or rules; agent/enricher turns it into events.

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/bounded_queue.h"

namespace gatewatch::probes {

// A pid together with the process's start time (field 22 of proc(5)'s
// /proc/PID/stat, in clock ticks since boot). A pid alone is no identity.
struct ProcessId {
  pid_t pid = 0;
  uint64_t start_ticks = 0;

  friend bool operator==(const ProcessId&, const ProcessId&) = default;
  template <typename H>
  friend H AbslHashValue(H hash, const ProcessId& id) {
    return H::combine(std::move(hash), id.pid, id.start_ticks);
  }
};

enum class DescriptorKind {
  kUnknown,
  kClosed,
  kFile,
  kDirectory,
  kPipe,
  kSocket,
  kTerminal,
  kDevice,
  kMemory,
  kAnonymous,
};

struct Address {
  std::string ip;  // 4 or 16 bytes, network order; empty when not known
  uint16_t port = 0;
  std::string path;  // AF_UNIX; an abstract name begins with NUL
};

struct Socket {
  uint32_t family = 0;  // AF_*; 0: not known
  uint32_t type = 0;    // SOCK_*, without flags; 0: not known
  uint32_t protocol = 0;
  Address local;
  Address remote;
};

struct Descriptor {
  DescriptorKind kind = DescriptorKind::kUnknown;
  std::string path;
  std::optional<Socket> socket;
};

struct Executable {
  std::string path;  // container's view; no " (deleted)"
  uint64_t inode = 0;
  uint64_t device = 0;
  uint64_t modify_time_ns = 0;  // Unix nanoseconds
  uint64_t change_time_ns = 0;
  bool in_memory = false;   // memfd
  bool on_overlay = false;  // in an overlay file system
  bool deleted = false;
};

struct Credentials {
  uint32_t uid = 0, effective_uid = 0, saved_uid = 0;
  uint32_t gid = 0, effective_gid = 0, saved_gid = 0;
  uint64_t effective_capabilities = 0, permitted_capabilities = 0;
  uint32_t login_uid = UINT32_MAX;  // UINT32_MAX: unset

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

// What /proc says of a process at one moment. What could not be read (no
// permission, gone) is left at its default.
struct ProcessSnapshot {
  ProcessId id;
  ProcessId parent;  // pid 0: none or unknown
  pid_t namespace_pid = 0;
  pid_t process_group = 0;
  pid_t session = 0;
  uint32_t tty = 0;  // device number; 0: none
  std::string name;  // comm
  Executable executable;
  std::vector<std::string> arguments;
  bool arguments_truncated = false;
  std::vector<std::string> environment;  // all that was read; unredacted
  std::string working_directory;
  Credentials credentials;
  // Descriptors 0, 1, 2; all unknown unless they were looked at.
  std::array<Descriptor, 3> stdio;
  std::string cgroup;            // content of /proc/PID/cgroup
  uint64_t pid_namespace = 0;    // inode of /proc/PID/ns/pid
  uint64_t mount_namespace = 0;  // inode of /proc/PID/ns/mnt
};

enum class FileKind {
  kUnknown,
  kRegular,
  kDirectory,
  kSymlink,
  kCharacterDevice,
  kBlockDevice,
  kFifo,
  kSocket,
};

struct File {
  std::string path;           // absolute, lexically clean, container's view
  std::string resolved_path;  // all links followed; empty when the same
  std::string raw_path;       // as the program passed it
  FileKind kind = FileKind::kUnknown;
  uint64_t inode = 0;
  uint64_t device = 0;
};

struct CapabilitySets {
  uint64_t effective = 0, permitted = 0, inheritable = 0;
};

// --- details: what happened -------------------------------------------------

// Comes before any other observation of the process. The image is the
// parent's until an exec.
struct ProcessStarted {
  ProcessSnapshot process;
  bool inventory = false;  // it was running before the probe came
};

struct ProcessExeced {
  ProcessSnapshot after;
  std::string filename;  // as the program passed it
  // The image was seen to have changed. False: the process ended before that
  // could be checked; `after` then holds what was asked for.
  bool confirmed = false;
};

// The process's credentials changed. Follows a CredentialsRequested when the
// call succeeded. No event of its own.
struct CredentialsChanged {
  Credentials credentials;
};

// The last observation of the process.
struct ProcessExited {
  std::optional<int> code;
  int signal = 0;  // 0: none or not known
};

struct CredentialsRequested {
  std::optional<uint32_t> uid, effective_uid, saved_uid;
  std::optional<uint32_t> gid, effective_gid, saved_gid;
  std::optional<uint32_t> file_system_uid, file_system_gid;
  std::vector<uint32_t> groups;  // setgroups; empty also when it drops all
  std::optional<CapabilitySets> capabilities;
};

enum class AccessMethod { kPtrace, kReadMemory, kWriteMemory, kTakeDescriptor };

struct ProcessAccessed {
  int64_t request = 0;  // PTRACE_*, with kPtrace
  pid_t target = 0;     // 0: the request has none, or it is not known
  AccessMethod method = AccessMethod::kPtrace;
};

// To another process; signals to oneself are no event.
struct SignalSent {
  // As for kill(2): below 0 a process group or, with -1, all; 0: the own
  // group.
  pid_t target = 0;
  int signal = 0;
};

enum class NamespaceOperation { kUnshare, kJoin, kClone };

struct NamespaceChanged {
  NamespaceOperation operation = NamespaceOperation::kUnshare;
  uint32_t namespaces = 0;  // CLONE_NEW*; kJoin: 0 when any was asked for
  std::string path;         // kJoin: what is joined, "mnt:[4026531841]"
  pid_t target = 0;         // kJoin by pidfd: whose
};

enum class MountOperation {
  kMount,
  kUnmount,
  kPivotRoot,
  kMove,
  kOpenFileSystem,  // fsopen
  kMakeMount,       // fsmount
  kCloneTree,       // open_tree
  kSetAttributes,
  kChroot,
};

struct MountChanged {
  MountOperation operation = MountOperation::kMount;
  // As the program passed it: a device, a path, a word. kMove: where from;
  // kPivotRoot: where the old root goes.
  std::string source;
  File target;  // what changes; kPivotRoot, kChroot: the new root
  std::string file_system;
  uint32_t flags = 0;  // of the call: MS_*, MNT_*, MOVE_MOUNT_* …
};

enum class KernelInterface {
  kBpf,
  kLoadModule,
  kUnloadModule,
  kUserFault,
  kIoUring,
  kPerfEvent,
  kOpenByHandle,
};

// A call that hands a process a lever on the kernel itself.
struct KernelInterfaceUsed {
  KernelInterface interface = KernelInterface::kBpf;
  int64_t command = 0;  // BPF_*; kIoUring: entries; kPerfEvent: pid
  std::string name;     // a module's file, name or parameters
  uint32_t flags = 0;
};

// Memory that is executable and writable at once, or executable without a
// file: what injected code needs and loaded programs do not.
struct MemoryMadeExecutable {
  uint64_t address = 0;  // 0: the kernel chooses
  uint64_t length = 0;
  uint32_t protection = 0;  // PROT_*
  uint32_t flags = 0;       // MAP_*; 0 for mprotect
  std::string path;         // the mapped file; empty: none, or not known
};

struct MemoryFileCreated {
  std::string name;
  uint32_t flags = 0;
};

struct DescriptorDuplicated {
  int old_fd = -1;
  int new_fd = -1;
  Descriptor descriptor;
};

struct FileOpened {
  File file;
  uint32_t flags = 0;
  uint32_t mode = 0;
  bool creates = false;
};

enum class FileOperation {
  kUnlink,
  kRename,
  kLink,
  kSymlink,
  kChmod,
  kChown,
  kMkdir,
  kRmdir,
  kTruncate,
  kMknod,
  kSetAttribute,  // setxattr and its relatives
  kRemoveAttribute,
};

struct FileChanged {
  FileOperation operation = FileOperation::kUnlink;
  File file;
  File target;        // rename, link, symlink: the new name
  uint32_t mode = 0;  // mknod: with the type of the file (S_IF*)
  uint32_t uid = UINT32_MAX;
  uint32_t gid = UINT32_MAX;
  uint32_t flags = 0;
  uint64_t length = 0;       // truncate
  uint32_t node_device = 0;  // mknod, as the kernel packs it
  std::string attribute;     // "security.capability"
};

struct SocketCalled {
  int fd = -1;
  Socket socket;
};

struct DnsQuestion {
  std::string name;  // see DnsMessage
  uint16_t type = 0;
  uint16_t record_class = 0;
};

struct DnsRecord {
  std::string name;
  uint16_t type = 0;
  uint32_t ttl = 0;   // seconds
  uint32_t size = 0;  // of the data, in bytes
  std::string ip;     // A, AAAA: 4 or 16 bytes, network order
  std::string text;   // CNAME, NS, PTR, MX, SRV: the name it leads to
};

// A DNS message that passed on the network (RFC 1035, 4.1). Names are lower
// case, without the last dot ("." is the root); a dot or a backslash within a
// label has a backslash before it. Other bytes are as they came.
struct DnsMessage {
  bool response = false;
  // A response to a question that was seen, from whom it was put to.
  bool solicited = false;
  uint16_t id = 0;
  uint8_t opcode = 0;
  uint8_t rcode = 0;
  std::vector<DnsQuestion> questions;
  std::vector<DnsRecord> answers;
  // Not all of the message was read: cut on its way, malformed behind what is
  // here, or too long.
  bool truncated = false;
  // Local is this host's end; where both are, the end that asks.
  Socket socket;
};

enum class LossReason {
  kQueueFull,
  kObserverAbsent,
  kProcessGone,
  kUnreadable,  // the process may not be looked into
  kThrottled,   // on purpose, see Probe::Limit()
  kLetGo,       // observing kept the process from running: it does so alone
};

// Calls that happened and were not observed.
struct ObservationsLost {
  LossReason reason = LossReason::kQueueFull;
  struct Count {
    std::string syscall;  // name; "" when the calls are not told apart
    uint64_t count = 0;   // 0: some; how many is not known
  };
  std::vector<Count> counts;
  uint64_t since_ns = 0;  // Unix nanoseconds
  uint64_t until_ns = 0;
};

enum class OutcomeStatus { kUnknown, kSucceeded, kFailed };

struct Outcome {
  OutcomeStatus status = OutcomeStatus::kUnknown;
  int error = 0;
  int64_t return_value = 0;
};

using Detail =
    std::variant<ProcessStarted, ProcessExeced, CredentialsChanged,
                 ProcessExited, CredentialsRequested, ProcessAccessed,
                 SignalSent, NamespaceChanged, MountChanged,
                 KernelInterfaceUsed, MemoryMadeExecutable, MemoryFileCreated,
                 DescriptorDuplicated, FileOpened, FileChanged, SocketCalled,
                 DnsMessage, ObservationsLost>;

struct Observation {
  uint64_t time_ns = 0;  // Unix nanoseconds
  // pid 0: came without an actor. So do ObservationsLost, packets whose
  // socket was gone when it was looked for, and changes of watched files.
  ProcessId process;
  pid_t tid = 0;
  // Without an actor: a process that has the mount namespace in which it
  // happened; pid 0 when that is not known either.
  ProcessId place;
  // Name of the call, or "procexit", "clone" and "dns" as in event.proto.
  // Refers to the system-call table: lives as long as the program.
  absl::string_view syscall;
  Outcome outcome;
  // More than 1: this many identical calls, the last at last_time_ns. The
  // first of them was observed on its own; this stands for the others.
  uint64_t count = 1;
  uint64_t last_time_ns = 0;
  bool truncated = false;
  Detail detail;
};

using ObservationQueue = BoundedQueue<Observation>;

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_OBSERVATION_H_
