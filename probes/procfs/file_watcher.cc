#include "probes/procfs/file_watcher.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/locate.h"

namespace gatewatch::probes {
namespace {

constexpr uint32_t kEvents = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE |
                             IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
constexpr uint64_t kTellAgainNs = 1'000'000'000;
constexpr size_t kManyTold = 1024;

// A directory below the root, links followed without leaving it.
UniqueFd OpenBelow(int root_fd, const std::string& path) {
  return LocateInRoot(root_fd, path, O_DIRECTORY);
}

std::string Join(const std::string& directory, absl::string_view name) {
  return absl::StrCat(directory == "/" ? "" : directory, "/", name);
}

File FileAt(std::string path) {
  File file;
  file.raw_path = path;
  file.path = std::move(path);
  return file;
}

}  // namespace

FileWatcher::FileWatcher(const ProcReader& proc,
                         absl::Span<const SensitiveFile> files,
                         Emitter& emitter)
    : proc_(proc),
      files_(files),
      emitter_(emitter),
      inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

void FileWatcher::Watch(const Namespaces& namespaces) {
  for (const auto& [id, place] : namespaces) {
    const bool is_new = places_.insert_or_assign(id, place).second;
    if (is_new) AddWatches(id, place, /*tell_of_files=*/false);
  }
  std::vector<int> gone;
  for (const auto& [descriptor, watched] : watched_) {
    if (!namespaces.contains(watched.mount_namespace)) {
      gone.push_back(descriptor);
    }
  }
  for (const int descriptor : gone) {
    ::inotify_rm_watch(inotify_.get(), descriptor);
    watched_.erase(descriptor);
  }
  places_ = namespaces;
}

void FileWatcher::AddWatches(uint64_t mount_namespace, const ProcessId& place,
                             bool tell_of_files) {
  const auto root = proc_.OpenRoot(place.pid);
  if (!root.ok()) return;
  std::set<absl::string_view> directories;
  for (const SensitiveFile& file : files_) directories.insert(file.directory);
  for (const absl::string_view directory : directories) {
    AddWatch(root->get(), std::string(directory), mount_namespace, place,
             tell_of_files);
  }
}

void FileWatcher::AddWatch(int root_fd, const std::string& directory,
                           uint64_t mount_namespace, const ProcessId& place,
                           bool tell_of_files) {
  std::string path = directory;
  UniqueFd fd = OpenBelow(root_fd, path);
  while (!fd.valid() && errno == ENOENT && path.size() > 1) {
    path.resize(path.rfind('/'));
    if (path.empty()) path = "/";
    fd = OpenBelow(root_fd, path);
  }
  if (!fd.valid()) return;
  const int descriptor = ::inotify_add_watch(
      inotify_.get(), absl::StrCat("/proc/self/fd/", fd.get()).c_str(),
      kEvents | IN_ONLYDIR);
  if (descriptor < 0) return;
  const bool is_new =
      watched_.try_emplace(descriptor, Watched{mount_namespace, path}).second;
  if (is_new && tell_of_files) TellOfFiles(fd.get(), path, place);
}

// What was put into a new directory before it was watched.
void FileWatcher::TellOfFiles(int directory_fd, const std::string& directory,
                              const ProcessId& place) {
  UniqueFd fd(::openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(fd.get()),
                                                    ::closedir);
  if (!entries) return;
  fd.Release();  // entries has it
  while (const dirent* entry = ::readdir(entries.get())) {
    if (entry->d_type == DT_REG && IsListed(directory, entry->d_name)) {
      TellOfWrite(Join(directory, entry->d_name), place, /*creates=*/true);
    }
  }
}

bool FileWatcher::IsListed(absl::string_view directory,
                           absl::string_view name) const {
  for (const SensitiveFile& file : files_) {
    if (file.directory == directory &&
        (file.name.empty() || file.name == name)) {
      return true;
    }
  }
  return false;
}

bool FileWatcher::LeadsToListed(absl::string_view directory) const {
  for (const SensitiveFile& file : files_) {
    if (file.directory == directory ||
        absl::StartsWith(file.directory, absl::StrCat(directory, "/"))) {
      return true;
    }
  }
  return false;
}

void FileWatcher::Read() {
  alignas(inotify_event) char buffer[16 << 10];
  while (true) {
    const ssize_t got = ::read(inotify_.get(), buffer, sizeof(buffer));
    if (got <= 0) break;
    for (ssize_t at = 0; at < got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      Handle(*event);
      at += static_cast<ssize_t>(sizeof(*event) + event->len);
    }
  }
  FlushDeparture();
}

void FileWatcher::Handle(const inotify_event& event) {
  // How many is not known.
  if ((event.mask & IN_Q_OVERFLOW) != 0) return emitter_.CountLost("openat", 1);
  const auto found = watched_.find(event.wd);
  if (found == watched_.end()) return;
  if ((event.mask & IN_IGNORED) != 0) {
    watched_.erase(found);
    return;
  }
  if (event.len == 0) return;
  const Watched watched = found->second;
  const auto place_found = places_.find(watched.mount_namespace);
  const ProcessId place =
      place_found == places_.end() ? ProcessId{} : place_found->second;
  const std::string path = Join(watched.directory, event.name);
  if ((event.mask & IN_ISDIR) == 0) {
    HandleFile(event, path, place, IsListed(watched.directory, event.name));
  } else if ((event.mask & (IN_CREATE | IN_MOVED_TO)) != 0 &&
             LeadsToListed(path)) {
    AddWatches(watched.mount_namespace, place, /*tell_of_files=*/true);
  }
}

void FileWatcher::HandleFile(const inotify_event& event,
                             const std::string& path, const ProcessId& place,
                             bool listed) {
  if ((event.mask & IN_MOVED_FROM) != 0) {
    FlushDeparture();
    departure_ = {event.cookie, path, place, listed};
  } else if ((event.mask & IN_MOVED_TO) != 0) {
    Departure from;
    if (departure_.cookie == event.cookie) from = std::exchange(departure_, {});
    if (listed || from.listed) TellOfRename(from.path, path, place);
  } else if (!listed) {
    return;
  } else if ((event.mask & IN_DELETE) != 0) {
    FileChanged changed;
    changed.operation = FileOperation::kUnlink;
    changed.file = FileAt(path);
    Emit("unlink", place, std::move(changed));
  } else {
    TellOfWrite(path, place, (event.mask & IN_CREATE) != 0);
  }
}

// Where the other half lies in no watched directory.
void FileWatcher::FlushDeparture() {
  const Departure from = std::exchange(departure_, {});
  if (from.cookie != 0 && from.listed) TellOfRename(from.path, "", from.place);
}

void FileWatcher::TellOfRename(std::string from, std::string to,
                               const ProcessId& place) {
  FileChanged changed;
  changed.operation = FileOperation::kRename;
  changed.file = FileAt(std::move(from));
  changed.target = FileAt(std::move(to));
  Emit("rename", place, std::move(changed));
}

void FileWatcher::TellOfWrite(const std::string& path, const ProcessId& place,
                              bool creates) {
  const uint64_t now = MonotonicNanos();
  if (told_ns_.size() > kManyTold) {
    absl::erase_if(told_ns_, [&](const auto& entry) {
      return entry.second + kTellAgainNs < now;
    });
  }
  const auto [told, is_new] =
      told_ns_.try_emplace(absl::StrCat(place.pid, path), now);
  if (!is_new && now < told->second + kTellAgainNs) return;
  told->second = now;
  FileOpened opened;
  opened.file = FileAt(path);
  opened.file.kind = FileKind::kRegular;
  opened.flags = O_WRONLY | (creates ? O_CREAT : 0);
  opened.creates = creates;
  Emit("openat", place, std::move(opened));
}

void FileWatcher::Emit(absl::string_view syscall, const ProcessId& place,
                       Detail detail) {
  Observation observation;
  observation.time_ns = UnixNanos();
  observation.place = place;
  observation.syscall = syscall;
  observation.outcome.status = OutcomeStatus::kSucceeded;
  observation.detail = std::move(detail);
  emitter_.Emit(std::move(observation));
}

}  // namespace gatewatch::probes
