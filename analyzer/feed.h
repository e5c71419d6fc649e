#ifndef GATEWATCH_ANALYZER_FEED_H_
#define GATEWATCH_ANALYZER_FEED_H_

#include <deque>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace gatewatch::analyzer {

// Hands what is new to whoever watches.
//
// Threads:  Publish(), Close() from any; a Watcher belongs to one thread and
//           must end before the feed.
// Full:     Publish() never waits. A watcher that has fallen `capacity_bytes`
//           behind gets no more and learns that it was cut off.
// Items:    shared (hence shared_ptr), because each watcher holds one item at
//           its own time.
template <typename T>
class Feed {
 public:
  using Item = std::shared_ptr<const T>;
  enum class End { kOpen, kCutOff, kClosed };

  class Watcher {
   public:
    explicit Watcher(Feed& feed) : feed_(feed) { feed_.Add(this); }
    ~Watcher() { feed_.Drop(this); }
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    // The next item, waiting until `wait` has passed; null when there is
    // none: end() then tells whether there may be more.
    Item Next(absl::Duration wait) {
      absl::MutexLock lock(&feed_.mutex_);
      feed_.mutex_.AwaitWithTimeout(absl::Condition(this, &Watcher::Awake),
                                    wait);
      if (queue_.empty()) return nullptr;
      auto [item, bytes] = std::move(queue_.front());
      queue_.pop_front();
      bytes_ -= bytes;
      return item;
    }
    End end() const {
      absl::MutexLock lock(&feed_.mutex_);
      return cut_off_        ? End::kCutOff
             : feed_.closed_ ? End::kClosed
                             : End::kOpen;
    }

   private:
    friend class Feed;
    bool Awake() const ABSL_NO_THREAD_SAFETY_ANALYSIS {
      return !queue_.empty() || cut_off_ || feed_.closed_;
    }

    // All but feed_ guarded by feed_.mutex_.
    Feed& feed_;
    std::deque<std::pair<Item, size_t>> queue_;
    size_t bytes_ = 0;
    bool cut_off_ = false;
  };

  explicit Feed(size_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}

  // Spares the making of items that nobody wants.
  bool watched() const {
    absl::MutexLock lock(&mutex_);
    return !watchers_.empty();
  }

  void Publish(T value) {
    absl::MutexLock lock(&mutex_);
    if (watchers_.empty() || closed_) return;
    const size_t bytes = value.ByteSizeLong() + sizeof(T);
    const auto item = std::make_shared<const T>(std::move(value));
    for (Watcher* watcher : watchers_) {
      if (watcher->cut_off_) continue;
      if (watcher->bytes_ + bytes > capacity_bytes_) {
        watcher->cut_off_ = true;
        continue;
      }
      watcher->bytes_ += bytes;
      watcher->queue_.emplace_back(item, bytes);
    }
  }

  // Wakes the watchers; nothing is published any more.
  void Close() {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }

 private:
  void Add(Watcher* watcher) {
    absl::MutexLock lock(&mutex_);
    watchers_.insert(watcher);
  }
  void Drop(Watcher* watcher) {
    absl::MutexLock lock(&mutex_);
    watchers_.erase(watcher);
  }

  const size_t capacity_bytes_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_set<Watcher*> watchers_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_FEED_H_
