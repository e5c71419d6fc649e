#include "analyzer/stream_table.h"

#include <utility>

namespace gatewatch::analyzer {

StreamTable::Stream::~Stream() {
  absl::MutexLock lock(&table_.mutex_);
  table_.streams_.erase(this);
  const auto owner = table_.owners_.find(agent_id_);
  if (owner != table_.owners_.end() && owner->second == this) {
    table_.owners_.erase(owner);
  }
}

absl::Status StreamTable::Stream::Claim(const std::string& agent_id) {
  absl::MutexLock lock(&table_.mutex_);
  const auto ready = [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return cancelled_ || table_.Vacate(agent_id);
  };
  table_.mutex_.Await(absl::Condition(&ready));
  if (cancelled_)
    return absl::UnavailableError("the analyzer is shutting down");
  agent_id_ = agent_id;
  table_.owners_.emplace(agent_id, this);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<StreamTable::Stream>> StreamTable::Enter(
    std::function<void()> cancel) {
  absl::MutexLock lock(&mutex_);
  if (closed_) return absl::UnavailableError("the analyzer is shutting down");
  std::unique_ptr<Stream> stream(new Stream(*this, std::move(cancel)));
  streams_.insert(stream.get());
  return stream;
}

bool StreamTable::Vacate(const std::string& agent_id) {
  const auto owner = owners_.find(agent_id);
  if (owner == owners_.end()) return true;
  Cancel(*owner->second);
  return false;
}

void StreamTable::Cancel(Stream& stream) {
  if (stream.cancelled_) return;
  stream.cancelled_ = true;
  stream.cancel_();
}

void StreamTable::Close(absl::Time deadline) {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  for (Stream* stream : streams_) Cancel(*stream);
  mutex_.AwaitWithDeadline(absl::Condition(this, &StreamTable::Empty),
                           deadline);
}

}  // namespace gatewatch::analyzer
