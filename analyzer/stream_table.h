#ifndef GATEWATCH_ANALYZER_STREAM_TABLE_H_
#define GATEWATCH_ANALYZER_STREAM_TABLE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace gatewatch::analyzer {

// The open streams of agents: one an agent.
//
// An agent that comes back finds its old stream still open when the network
// has not told us of its end. The new one is the true one: the old is ended
// and waited for, so that no event is stored by both.
//
// Threads:  any.
// Lifetime: must outlive its streams.
class StreamTable {
 public:
  // One open stream; leaves the table at its end.
  class Stream {
   public:
    ~Stream();
    // Makes this the agent's only stream. UNAVAILABLE: another one has taken
    // over meanwhile, or the table is closed.
    absl::Status Claim(const std::string& agent_id);

   private:
    friend class StreamTable;
    Stream(StreamTable& table, std::function<void()> cancel)
        : table_(table), cancel_(std::move(cancel)) {}

    // Guarded by table_.mutex_, but for the reference.
    StreamTable& table_;
    const std::function<void()> cancel_;
    std::string agent_id_;  // empty: none claimed
    bool cancelled_ = false;
  };

  // UNAVAILABLE: closed. `cancel` makes the stream end soon; it may be called
  // from any thread while the stream is in the table.
  absl::StatusOr<std::unique_ptr<Stream>> Enter(std::function<void()> cancel)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Admits no more, cancels all, and waits for their end until `deadline`.
  void Close(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Cancel(Stream& stream) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether the agent has no stream; cancels the one that it has.
  bool Vacate(const std::string& agent_id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Empty() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return streams_.empty();
  }

  absl::Mutex mutex_;
  absl::flat_hash_set<Stream*> streams_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Stream*> owners_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_STREAM_TABLE_H_
