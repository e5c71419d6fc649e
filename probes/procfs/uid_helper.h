#ifndef GATEWATCH_PROBES_PROCFS_UID_HELPER_H_
#define GATEWATCH_PROBES_PROCFS_UID_HELPER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "base/unique_fd.h"
#include "probes/procfs/proc_fallback.h"
#include "probes/procfs/uid_helper_process.h"

namespace gatewatch::probes {

// Reads processes of other users where this one is root without
// CAP_SYS_PTRACE (EKS on Fargate): through helpers, one for each pair of user
// and group, that have taken their ids. Needs CAP_SETUID and CAP_SETGID, which
// containers have by default. Processes that changed their ids without an
// exec, or have capabilities, stay unreadable.
//
// A helper does nothing but answer the requests of HelperRequest, cannot be
// looked into by other processes of its user, and ends with this process (or
// with the thread that first asked for it; it is then made anew).
//
// Threads: any; one request at a time.
// Limits:  eight helpers, of which the one longest unused goes. One that does
//          not answer within half a second (its user may stop it) is ended,
//          and not replaced for a second.
class UidHelpers : public ProcFallback {
 public:
  explicit UidHelpers(std::string proc_root = "/proc");
  ~UidHelpers() override;
  UidHelpers(const UidHelpers&) = delete;
  UidHelpers& operator=(const UidHelpers&) = delete;

  absl::StatusOr<std::string> Link(pid_t pid, ProcItem item,
                                   int number) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::string> Content(pid_t pid, ProcItem item,
                                      size_t limit) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<UniqueFd> Open(pid_t pid, ProcItem item) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<SocketDescriptor> Sockets(pid_t pid) override
      ABSL_LOCKS_EXCLUDED(mutex_);

  // How many helpers there are now.
  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Ids = std::pair<uid_t, gid_t>;
  struct Helper {
    pid_t pid = 0;
    UniqueFd socket;  // not valid: it failed; not before retry_ns
    uint64_t retry_ns = 0;
    uint64_t last_used = 0;
  };
  struct Answer {
    std::string bytes;
    UniqueFd fd;
  };

  absl::StatusOr<Answer> Ask(const HelperRequest& request)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<Ids> IdsOf(pid_t pid) const;
  absl::StatusOr<Helper*> Find(const Ids& ids)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Start(const Ids& ids, Helper& helper) const;
  void DropOldest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static absl::StatusOr<Answer> Exchange(const Helper& helper,
                                         const HelperRequest& request,
                                         std::string& buffer, bool& broken);
  static void End(Helper& helper);

  const std::string proc_root_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<Ids, Helper> helpers_ ABSL_GUARDED_BY(mutex_);
  uint64_t clock_ ABSL_GUARDED_BY(mutex_) = 0;  // counts requests
  std::string buffer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_UID_HELPER_H_
