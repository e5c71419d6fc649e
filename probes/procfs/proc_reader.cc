#include "probes/procfs/proc_reader.h"

#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>

#include "absl/hash/hash.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/files.h"
#include "base/status.h"
#include "probes/syscalls/remote_memory.h"

namespace gatewatch::probes {
namespace {

constexpr size_t kCommandLineLimit = 32 << 10;
constexpr size_t kEnvironmentLimit = 64 << 10;
constexpr size_t kThreadLimit = 4096;
constexpr size_t kSocketLimit = 4096;
// Room for 65,536 groups (NGROUPS_MAX): the capabilities come after them.
constexpr size_t kStatusLimit = 1 << 20;

uint64_t Nanos(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<uint64_t>(time.tv_nsec);
}

// The address of the 16 random bytes that the kernel gave the image
// (getauxval(3), AT_RANDOM); 0 when the vector does not hold it.
uint64_t FindRandomBytes(absl::string_view auxv) {
  Elf64_auxv_t entry;
  for (; auxv.size() >= sizeof(entry); auxv.remove_prefix(sizeof(entry))) {
    memcpy(&entry, auxv.data(), sizeof(entry));
    if (entry.a_type == AT_RANDOM) return entry.a_un.a_val;
  }
  return 0;
}

// The numbers that name the entries of a directory; the others are left out.
template <typename Number>
absl::StatusOr<std::vector<Number>> ListNumbers(const std::string& path,
                                                size_t limit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()),
                                                      ::closedir);
  if (!directory) return ErrnoStatus(errno, path);
  std::vector<Number> numbers;
  while (const dirent* entry = ::readdir(directory.get())) {
    Number number = 0;
    if (!absl::SimpleAtoi(entry->d_name, &number)) continue;
    numbers.push_back(number);
    if (numbers.size() == limit) break;
  }
  return numbers;
}

// What a fallback can be asked for instead of a link.
struct LinkRow {
  absl::string_view name;
  ProcItem item;
};
constexpr LinkRow kLinks[] = {
    {"exe", ProcItem::kExecutable},
    {"cwd", ProcItem::kWorkingDirectory},
    {"root", ProcItem::kRoot},
    {"ns/pid", ProcItem::kPidNamespace},
    {"ns/mnt", ProcItem::kMountNamespace},
};

void SetFile(const struct stat& file, Executable& executable) {
  executable.inode = file.st_ino;
  executable.device = file.st_dev;
  executable.modify_time_ns = Nanos(file.st_mtim);
  executable.change_time_ns = Nanos(file.st_ctim);
}

}  // namespace

ProcReader::ProcReader(std::string root, ProcFallback* fallback)
    : root_(std::move(root)), fallback_(fallback) {}

std::vector<pid_t> ProcReader::Pids() const {
  return ListNumbers<pid_t>(root_, SIZE_MAX).value_or(std::vector<pid_t>());
}

std::string ProcReader::Path(pid_t pid, const char* name) const {
  return absl::StrCat(root_, "/", pid, "/", name);
}

absl::StatusOr<ProcStat> ProcReader::Stat(pid_t pid) const {
  GATEWATCH_ASSIGN_OR_RETURN(const std::string text,
                             ReadFile(Path(pid, "stat"), 4096));
  std::optional<ProcStat> stat = ParseStat(text);
  if (!stat) return absl::InternalError("/proc/PID/stat is malformed");
  return *std::move(stat);
}

absl::StatusOr<ProcStatus> ProcReader::Status(pid_t pid) const {
  GATEWATCH_ASSIGN_OR_RETURN(const std::string text,
                             ReadFile(Path(pid, "status"), kStatusLimit));
  std::optional<ProcStatus> status = ParseStatus(text);
  if (!status) return absl::InternalError("/proc/PID/status is malformed");
  return *std::move(status);
}

absl::StatusOr<Credentials> ProcReader::ReadCredentials(pid_t pid) const {
  GATEWATCH_ASSIGN_OR_RETURN(const ProcStatus status, Status(pid));
  Credentials credentials = status.credentials;
  const auto login_uid = ReadFile(Path(pid, "loginuid"), 32);
  if (!login_uid.ok() ||
      !absl::SimpleAtoi(*login_uid, &credentials.login_uid)) {
    credentials.login_uid = UINT32_MAX;
  }
  return credentials;
}

absl::StatusOr<std::string> ProcReader::Link(pid_t pid,
                                             const char* name) const {
  auto link = ReadLink(Path(pid, name));
  if (fallback_ == nullptr || !absl::IsPermissionDenied(link.status())) {
    return link;
  }
  for (const LinkRow& row : kLinks) {
    if (row.name == name) return fallback_->Link(pid, row.item, 0);
  }
  absl::string_view number = name;
  int fd = 0;
  if (absl::ConsumePrefix(&number, "fd/") && absl::SimpleAtoi(number, &fd)) {
    return fallback_->Link(pid, ProcItem::kDescriptor, fd);
  }
  return link;
}

absl::StatusOr<std::string> ProcReader::Content(pid_t pid, const char* name,
                                                ProcItem item, int number,
                                                size_t limit) const {
  auto content = ReadFile(Path(pid, name), limit);
  if (fallback_ == nullptr || !absl::IsPermissionDenied(content.status())) {
    return content;
  }
  return fallback_->Content(pid, item, number, limit);
}

absl::StatusOr<UniqueFd> ProcReader::OpenRoot(pid_t pid) const {
  const std::string path = Path(pid, "root");
  UniqueFd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (fd.valid()) return fd;
  const absl::Status refused = ErrnoStatus(errno, path);
  if (fallback_ == nullptr || !absl::IsPermissionDenied(refused)) {
    return refused;
  }
  return fallback_->Open(pid, ProcItem::kRoot);
}

absl::StatusOr<std::vector<SocketDescriptor>> ProcReader::ListSockets(
    pid_t pid) const {
  GATEWATCH_ASSIGN_OR_RETURN(const std::vector<int> fds,
                             ListNumbers<int>(Path(pid, "fd"), SIZE_MAX));
  std::vector<SocketDescriptor> sockets;
  for (const int fd : fds) {
    const auto link = ReadLink(Path(pid, absl::StrCat("fd/", fd).c_str()));
    // Root may list what it may not follow.
    if (absl::IsPermissionDenied(link.status())) return link.status();
    if (!link.ok() || !absl::StartsWith(*link, "socket:[")) continue;
    sockets.push_back({ParseNamespaceLink(*link), fd});
    if (sockets.size() == kSocketLimit) break;
  }
  return sockets;
}

std::vector<SocketDescriptor> ProcReader::Sockets(pid_t pid) const {
  auto sockets = ListSockets(pid);
  if (fallback_ != nullptr && absl::IsPermissionDenied(sockets.status())) {
    return fallback_->Sockets(pid);
  }
  return sockets.ok() ? *std::move(sockets) : std::vector<SocketDescriptor>();
}

void ProcReader::ReadExecutable(pid_t pid, Executable& executable) const {
  if (const auto link = Link(pid, "exe"); link.ok()) {
    executable = ParseExecutableLink(*link);
  }
  const std::string path = Path(pid, "exe");
  struct stat file;
  struct statfs system = {};
  if (::stat(path.c_str(), &file) == 0) {
    SetFile(file, executable);
    ::statfs(path.c_str(), &system);
  } else if (errno == EACCES && fallback_ != nullptr) {
    const auto handle = fallback_->Open(pid, ProcItem::kExecutable);
    if (handle.ok() && ::fstat(handle->get(), &file) == 0) {
      SetFile(file, executable);
      ::fstatfs(handle->get(), &system);
    }
  }
  executable.on_overlay = system.f_type == OVERLAYFS_SUPER_MAGIC;
}

absl::StatusOr<ProcessSnapshot> ProcReader::Snapshot(pid_t pid) const {
  GATEWATCH_ASSIGN_OR_RETURN(const ProcStat stat, Stat(pid));
  ProcessSnapshot snapshot;
  snapshot.id = {pid, stat.start_ticks};
  snapshot.parent.pid = stat.parent_pid;
  snapshot.process_group = stat.process_group;
  snapshot.session = stat.session;
  snapshot.tty = stat.tty;
  if (const auto status = Status(pid); status.ok()) {
    snapshot.namespace_pid = status->namespace_pid;
  }
  snapshot.cgroup = ReadFile(Path(pid, "cgroup"), 8192).value_or("");
  snapshot.pid_namespace = ParseNamespaceLink(Link(pid, "ns/pid").value_or(""));
  snapshot.mount_namespace =
      ParseNamespaceLink(Link(pid, "ns/mnt").value_or(""));
  GATEWATCH_RETURN_IF_ERROR(RefreshImage(snapshot));
  return snapshot;
}

absl::Status ProcReader::RefreshImage(ProcessSnapshot& snapshot) const {
  const pid_t pid = snapshot.id.pid;
  GATEWATCH_ASSIGN_OR_RETURN(snapshot.name, ReadFile(Path(pid, "comm"), 64));
  if (!snapshot.name.empty() && snapshot.name.back() == '\n') {
    snapshot.name.pop_back();
  }
  ReadExecutable(pid, snapshot.executable);
  if (const auto text = ReadFile(Path(pid, "cmdline"), kCommandLineLimit);
      text.ok()) {
    snapshot.arguments = SplitAtNul(*text);
    snapshot.arguments_truncated = text->size() == kCommandLineLimit;
  }
  snapshot.working_directory = Link(pid, "cwd").value_or("");
  if (auto credentials = ReadCredentials(pid); credentials.ok()) {
    snapshot.credentials = *std::move(credentials);
  }
  return absl::OkStatus();
}

std::vector<std::string> ProcReader::Environment(pid_t pid) const {
  return SplitAtNul(
      Content(pid, "environ", ProcItem::kEnvironment, 0, kEnvironmentLimit)
          .value_or(""));
}

Descriptor ProcReader::ReadDescriptor(pid_t pid, int fd) const {
  const auto link = Link(pid, absl::StrCat("fd/", fd).c_str());
  if (!link.ok()) {
    const bool closed = link.status().code() == absl::StatusCode::kNotFound;
    return {closed ? DescriptorKind::kClosed : DescriptorKind::kUnknown};
  }
  return ParseDescriptorLink(*link);
}

absl::StatusOr<size_t> ProcReader::ReadMemory(pid_t tid, RemoteAddress address,
                                              void* into, size_t size) const {
  auto got = ProcessMemory(tid).Read(address, into, size);
  if (fallback_ == nullptr || !absl::IsPermissionDenied(got.status())) {
    return got;
  }
  return fallback_->Memory(tid, address, into, size);
}

absl::StatusOr<UniqueFd> ProcReader::CopyDescriptor(pid_t pid, int pidfd,
                                                    int fd) const {
  UniqueFd copy(static_cast<int>(::syscall(SYS_pidfd_getfd, pidfd, fd, 0)));
  if (copy.valid()) return copy;
  const absl::Status refused = ErrnoStatus(errno, "pidfd_getfd", fd);
  if (fallback_ == nullptr || !absl::IsPermissionDenied(refused)) {
    return refused;
  }
  return fallback_->Descriptor(pid, fd);
}

pid_t ProcReader::ProcessOfPidfd(pid_t pid, int fd) const {
  const auto text = Content(pid, absl::StrCat("fdinfo/", fd).c_str(),
                            ProcItem::kDescriptorInfo, fd, 4096);
  return text.ok() ? ParsePidfdInfo(*text) : 0;
}

std::vector<pid_t> ProcReader::Children(pid_t pid) const {
  std::vector<pid_t> children;
  const std::string tasks = Path(pid, "task");
  const auto threads = ListNumbers<pid_t>(tasks, kThreadLimit);
  if (!threads.ok()) return children;
  for (const pid_t thread : *threads) {
    const auto text = ReadFile(absl::StrCat(tasks, "/", thread, "/children"));
    if (!text.ok()) continue;
    const std::vector<pid_t> some = ParseChildren(*text);
    children.insert(children.end(), some.begin(), some.end());
  }
  return children;
}

uint64_t ProcReader::ImageMarker(pid_t pid) const {
  const auto auxv = Content(pid, "auxv", ProcItem::kAuxiliaryVector, 0, 4096);
  if (!auxv.ok() || auxv->empty()) return 0;
  // The vector is filled in when the rest of the image is there.
  const uint64_t address = FindRandomBytes(*auxv);
  if (address == 0) return 0;
  std::array<char, 16> random = {};
  // Without these bytes the addresses still tell most images apart.
  ReadMemory(pid, RemoteAddress{address}, random.data(), random.size())
      .status()
      .IgnoreError();
  return absl::HashOf(*auxv, random) | 1;
}

}  // namespace gatewatch::probes
