#include "agent/event_buffer.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "proto/event_kind.h"

namespace gatewatch::agent {
namespace {

// What an entry costs beside its encoded bytes: a guess at the price of the
// message in memory.
constexpr size_t kEntryOverhead = 192;
// A loss is reported when this much of the buffer is free, so that a buffer
// on the brink does not fill with reports.
constexpr size_t kReportFraction = 8;

}  // namespace

EventBuffer::EventBuffer(size_t capacity_bytes)
    : capacity_bytes_(capacity_bytes) {}

void EventBuffer::Append(std::vector<EnrichedEvent> events) {
  absl::MutexLock lock(&mutex_);
  for (EnrichedEvent& event : events) {
    ReportLoss();
    if (!lost_.empty() || !TryStore(std::move(event))) CountLost(event.event);
  }
}

EventBuffer::Slice EventBuffer::Read(uint64_t after, size_t limit,
                                     absl::Duration wait) {
  absl::MutexLock lock(&mutex_);
  const auto has_news = [this, after]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return EndSequence() > after + 1;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&has_news), wait);
  Slice slice;
  slice.first_sequence = std::max(after + 1, first_sequence_);
  const size_t begin = slice.first_sequence - first_sequence_;
  for (size_t i = begin; i < entries_.size() && i < begin + limit; ++i) {
    slice.events.push_back(entries_[i].event);
  }
  return slice;
}

bool EventBuffer::Acknowledge(uint64_t sequence) {
  absl::MutexLock lock(&mutex_);
  if (sequence >= EndSequence()) return false;
  while (first_sequence_ <= sequence) {
    Release(entries_.front());
    entries_.pop_front();
    ++first_sequence_;
  }
  ReportLoss();
  return true;
}

void EventBuffer::Renumber() {
  absl::MutexLock lock(&mutex_);
  first_sequence_ = 1;
}

bool EventBuffer::AwaitEmpty(absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  const auto empty = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return entries_.empty() && lost_.empty();
  };
  return mutex_.AwaitWithTimeout(absl::Condition(&empty), patience);
}

EventBuffer::Counters EventBuffer::counters() const {
  absl::MutexLock lock(&mutex_);
  return {.events = entries_.size(),
          .bytes = bytes_,
          .dropped = dropped_,
          .last_acknowledged = first_sequence_ - 1};
}

bool EventBuffer::TryStore(EnrichedEvent&& event) {
  size_t cost = event.event.ByteSizeLong() + kEntryOverhead;
  for (const LineagePtr& state : event.processes) {
    if (!states_.contains(state.get())) cost += state->process->ByteSizeLong();
  }
  if (bytes_ + cost > capacity_bytes_) return false;
  Store(std::move(event));
  return true;
}

void EventBuffer::Store(EnrichedEvent event) {
  const size_t cost = event.event.ByteSizeLong() + kEntryOverhead;
  bytes_ += cost;
  for (const LineagePtr& state : event.processes) {
    if (states_[state.get()]++ == 0) bytes_ += state->process->ByteSizeLong();
  }
  entries_.push_back(
      {std::make_shared<const EnrichedEvent>(std::move(event)), cost});
}

void EventBuffer::Release(const Entry& entry) {
  bytes_ -= entry.cost;
  for (const LineagePtr& state : entry.event->processes) {
    const auto found = states_.find(state.get());
    if (--found->second > 0) continue;
    bytes_ -= state->process->ByteSizeLong();
    states_.erase(found);
  }
}

void EventBuffer::CountLost(const v1::Event& event) {
  const uint64_t events = std::max<uint64_t>(event.count(), 1);
  const uint64_t since =
      event.has_loss() ? event.loss().since_ns() : event.time_ns();
  lost_since_ns_ = lost_.empty() ? since : std::min(lost_since_ns_, since);
  lost_until_ns_ = std::max<uint64_t>({lost_.empty() ? 0 : lost_until_ns_,
                                       event.time_ns(), event.last_time_ns()});
  // A lost report of a loss: what it told of is what is lost.
  for (const v1::Loss::Count& count : event.loss().counts()) {
    lost_[count.kind()] += count.count();
  }
  if (event.has_loss()) return;
  lost_[std::string(EventKind(event))] += events;
  dropped_ += events;
}

void EventBuffer::ReportLoss() {
  if (lost_.empty()) return;
  EnrichedEvent report;
  report.event.set_time_ns(UnixNanos());
  report.event.set_syscall("agent");
  v1::Loss& loss = *report.event.mutable_loss();
  loss.set_reason(v1::Loss::REASON_BUFFER_FULL);
  loss.set_since_ns(lost_since_ns_);
  loss.set_until_ns(lost_until_ns_);
  for (const auto& [kind, count] : lost_) {
    v1::Loss::Count& entry = *loss.add_counts();
    entry.set_kind(kind);
    entry.set_count(count);
  }
  const size_t needed = report.event.ByteSizeLong() + kEntryOverhead;
  // With nothing else here the report goes in however small the buffer is.
  const size_t spare = capacity_bytes_ / kReportFraction;
  if (!entries_.empty() && bytes_ + needed + spare > capacity_bytes_) return;
  Store(std::move(report));
  lost_.clear();
}

}  // namespace gatewatch::agent
