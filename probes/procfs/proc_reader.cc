#include "probes/procfs/proc_reader.h"

#include <dirent.h>
#include <elf.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/hash/hash.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status.h"
#include "probes/syscalls/remote_memory.h"

namespace gatewatch::probes {
namespace {

constexpr size_t kCommandLineLimit = 32 << 10;
constexpr size_t kEnvironmentLimit = 64 << 10;
constexpr size_t kThreadLimit = 4096;
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

std::vector<std::string> ThreadNames(const std::string& task_directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(
      ::opendir(task_directory.c_str()), ::closedir);
  if (!directory) return names;
  while (const dirent* entry = ::readdir(directory.get())) {
    if (entry->d_name[0] == '.') continue;
    names.emplace_back(entry->d_name);
    if (names.size() == kThreadLimit) break;
  }
  return names;
}

}  // namespace

ProcReader::ProcReader(std::string root) : root_(std::move(root)) {}

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
  return ReadLink(Path(pid, name));
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
  if (const auto link = Link(pid, "exe"); link.ok()) {
    snapshot.executable = ParseExecutableLink(*link);
  }
  struct stat file;
  if (::stat(Path(pid, "exe").c_str(), &file) == 0) {
    snapshot.executable.inode = file.st_ino;
    snapshot.executable.device = file.st_dev;
    snapshot.executable.modify_time_ns = Nanos(file.st_mtim);
    snapshot.executable.change_time_ns = Nanos(file.st_ctim);
  }
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
      ReadFile(Path(pid, "environ"), kEnvironmentLimit).value_or(""));
}

Descriptor ProcReader::ReadDescriptor(pid_t pid, int fd) const {
  const auto link = Link(pid, absl::StrCat("fd/", fd).c_str());
  if (!link.ok()) {
    const bool closed = link.status().code() == absl::StatusCode::kNotFound;
    return {closed ? DescriptorKind::kClosed : DescriptorKind::kUnknown};
  }
  return ParseDescriptorLink(*link);
}

pid_t ProcReader::ProcessOfPidfd(pid_t pid, int fd) const {
  const auto text =
      ReadFile(Path(pid, absl::StrCat("fdinfo/", fd).c_str()), 4096);
  return text.ok() ? ParsePidfdInfo(*text) : 0;
}

std::vector<pid_t> ProcReader::Children(pid_t pid) const {
  std::vector<pid_t> children;
  const std::string tasks = Path(pid, "task");
  for (const std::string& thread : ThreadNames(tasks)) {
    const auto text = ReadFile(absl::StrCat(tasks, "/", thread, "/children"));
    if (!text.ok()) continue;
    const std::vector<pid_t> some = ParseChildren(*text);
    children.insert(children.end(), some.begin(), some.end());
  }
  return children;
}

uint64_t ProcReader::ImageMarker(pid_t pid) const {
  const auto auxv = ReadFile(Path(pid, "auxv"), 4096);
  if (!auxv.ok() || auxv->empty()) return 0;
  // The vector is filled in when the rest of the image is there.
  const uint64_t address = FindRandomBytes(*auxv);
  if (address == 0) return 0;
  std::array<char, 16> random = {};
  // Without these bytes the addresses still tell most images apart.
  ProcessMemory(pid)
      .Read(static_cast<RemoteAddress>(address), random.data(), random.size())
      .status()
      .IgnoreError();
  return absl::HashOf(*auxv, random) | 1;
}

}  // namespace gatewatch::probes
