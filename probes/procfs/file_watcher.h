#ifndef GATEWATCH_PROBES_PROCFS_FILE_WATCHER_H_
#define GATEWATCH_PROBES_PROCFS_FILE_WATCHER_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "base/unique_fd.h"
#include "probes/emitter.h"
#include "probes/procfs/proc_reader.h"
#include "probes/procfs/sensitive_files.h"

struct inotify_event;

namespace gatewatch::probes {

// Tells of writes to listed files in the mount namespaces of other processes,
// by inotify(7) on directories below /proc/PID/root. Who writes is not known:
// the observations have no actor, but a place. A directory that does not
// exist is waited for in the one above it.
//
// Not seen: writes through another hard link or another mount's path, and
// changes of mode or owner.
//
// Threads: not safe. `proc`, `files` and the emitter must outlive it.
// Limits:  inotify's own; what cannot be watched is not.
class FileWatcher {
 public:
  using Namespaces = absl::flat_hash_map<uint64_t, ProcessId>;

  FileWatcher(const ProcReader& proc, absl::Span<const SensitiveFile> files,
              Emitter& emitter);

  // Watches in exactly these mount namespaces, each reached through the
  // process that comes with it.
  void Watch(const Namespaces& namespaces);

  // Readable when there is something to read; -1: nothing can be watched.
  int fd() const { return inotify_.get(); }
  // Tells of what happened since it was last called. Never waits.
  void Read();

 private:
  struct Watched {
    uint64_t mount_namespace = 0;
    std::string directory;
  };
  struct Departure {  // the first half of a rename
    uint32_t cookie = 0;
    std::string path;
    ProcessId place;
    bool listed = false;
  };

  void AddWatches(uint64_t mount_namespace, const ProcessId& place,
                  bool tell_of_files);
  void AddWatch(int root_fd, const std::string& directory,
                uint64_t mount_namespace, const ProcessId& place,
                bool tell_of_files);
  void TellOfFiles(int directory_fd, const std::string& directory,
                   const ProcessId& place);
  void Handle(const inotify_event& event);
  void HandleFile(const inotify_event& event, const std::string& path,
                  const ProcessId& place, bool listed);
  void TellOfWrite(const std::string& path, const ProcessId& place,
                   bool creates);
  void TellOfRename(std::string from, std::string to, const ProcessId& place);
  void FlushDeparture();
  bool IsListed(absl::string_view directory, absl::string_view name) const;
  bool LeadsToListed(absl::string_view directory) const;
  void Emit(absl::string_view syscall, const ProcessId& place, Detail detail);

  const ProcReader& proc_;
  const absl::Span<const SensitiveFile> files_;
  Emitter& emitter_;
  const UniqueFd inotify_;
  absl::flat_hash_map<int, Watched> watched_;  // by watch descriptor
  Namespaces places_;
  Departure departure_;  // cookie 0: none
  // When a write to a file was last told, to tell once of each of many.
  absl::flat_hash_map<std::string, uint64_t> told_ns_;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_FILE_WATCHER_H_
