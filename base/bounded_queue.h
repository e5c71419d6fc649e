#ifndef GATEWATCH_BASE_BOUNDED_QUEUE_H_
#define GATEWATCH_BASE_BOUNDED_QUEUE_H_

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace gatewatch {

// Hands items from any number of producers to one consumer, in order.
//
// Threads:  TryPush(), Close() from any; Take() from one.
// Full:     TryPush() refuses and never blocks, since its caller may hold a
//           stopped process; counting the refusal is the caller's business.
// Waking:   the consumer is woken when the queue is half full or when the
//           deadline of Take() passes, whichever is first: waking a thread
//           for each item costs more than the item. A consumer that has had
//           nothing to do for a while may ask to be woken by the first.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t capacity) : capacity_(capacity) {}

  // Takes `item` only when it answers true.
  bool TryPush(T&& item) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (closed_ || items_.size() >= capacity_) return false;
    items_.push_back(std::move(item));
    return true;
  }

  enum class Wake { kWhenHalfFull, kByFirst };

  // Everything queued, waiting until `wait` has passed, the queue is half
  // full (or not empty), or it is closed.
  std::deque<T> Take(absl::Duration wait, Wake wake = Wake::kWhenHalfFull)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    worth_waking_ = wake == Wake::kByFirst ? 1 : (capacity_ + 1) / 2;
    mutex_.AwaitWithTimeout(absl::Condition(this, &BoundedQueue::WorthWaking),
                            wait);
    return std::exchange(items_, {});
  }

  // Refuses further items and wakes the consumer.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }

 private:
  bool WorthWaking() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return closed_ || items_.size() >= worth_waking_;
  }

  const size_t capacity_;
  absl::Mutex mutex_;
  std::deque<T> items_ ABSL_GUARDED_BY(mutex_);
  size_t worth_waking_ ABSL_GUARDED_BY(mutex_) = 1;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace gatewatch

#endif  // GATEWATCH_BASE_BOUNDED_QUEUE_H_
