#include "probes/procfs/procfs_poller.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/clock.h"
#include "base/status.h"

namespace gatewatch::probes {
namespace {

constexpr uint64_t kSocketsIntervalNs = 200'000'000;
constexpr uint64_t kNamespacesIntervalNs = 500'000'000;

// Whether a thing that is due at `next` is now; if so, the next time follows.
bool IsDue(uint64_t now_ns, uint64_t interval_ns, uint64_t& next_ns) {
  if (now_ns < next_ns) return false;
  next_ns = now_ns + interval_ns;
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ProcfsPoller>> ProcfsPoller::Start(
    Options options, ObservationQueue& queue) {
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC));
  if (!wake.valid()) return ErrnoStatus(errno, "eventfd");
  if (!options.covered) {
    options.covered = [](const ProcessId&) { return false; };
  }
  return std::unique_ptr<ProcfsPoller>(
      new ProcfsPoller(std::move(options), queue, std::move(wake)));
}

ProcfsPoller::ProcfsPoller(Options options, ObservationQueue& queue,
                           UniqueFd wake)
    : options_(std::move(options)),
      wake_(std::move(wake)),
      emitter_(queue),
      proc_(options_.proc_root, options_.fallback),
      sockets_(options_.proc_root),
      owners_(proc_),
      process_poller_(proc_, options_.proc_root, options_.covered, emitter_),
      socket_poller_(sockets_, owners_, options_.covered, emitter_),
      file_watcher_(proc_, SensitiveFiles(), emitter_) {
  // Before anything else happens: what starts from here on is news.
  Look();
  thread_ = std::thread(&ProcfsPoller::Run, this);
}

ProcfsPoller::~ProcfsPoller() { Stop(); }

void ProcfsPoller::Run() {
  pollfd fds[] = {{wake_.get(), POLLIN, 0}, {file_watcher_.fd(), POLLIN, 0}};
  const auto interval = absl::ToTimespec(options_.interval);
  while (true) {
    const int ready = ::ppoll(fds, 2, &interval, nullptr);
    if (ready < 0 && errno != EINTR) return;
    Look();
    if (ready > 0 && fds[0].revents != 0) return;
  }
}

void ProcfsPoller::Look() {
  const uint64_t now = MonotonicNanos();
  process_poller_.Poll(now);
  if (options_.sockets && IsDue(now, kSocketsIntervalNs, next_sockets_ns_)) {
    socket_poller_.Poll();
  }
  if (options_.files) {
    if (IsDue(now, kNamespacesIntervalNs, next_files_ns_)) {
      file_watcher_.Watch(process_poller_.MountNamespaces());
    }
    file_watcher_.Read();
  }
}

void ProcfsPoller::Stop() {
  absl::MutexLock lock(&mutex_);
  if (std::exchange(stopped_, true)) return;
  const uint64_t one = 1;
  GATEWATCH_CHECK(::write(wake_.get(), &one, sizeof(one)) == sizeof(one));
  thread_.join();
  emitter_.ReportLost();
}

}  // namespace gatewatch::probes
