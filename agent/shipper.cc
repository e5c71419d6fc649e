#include "agent/shipper.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/backoff.h"
#include "agent/batch.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"

namespace gatewatch::agent {
namespace {

constexpr size_t kBatchEvents = 500;
constexpr size_t kBatchBytes = 1 << 20;
constexpr absl::Duration kWelcomePatience = absl::Seconds(10);
constexpr absl::Duration kSendPatience = absl::Seconds(10);
constexpr absl::Duration kClosePatience = absl::Seconds(2);
// How long a stop or the stream's end can go unnoticed.
constexpr absl::Duration kPause = absl::Milliseconds(50);
constexpr absl::Duration kFirstRetry = absl::Milliseconds(100);
constexpr absl::Duration kLongestRetry = absl::Seconds(10);

absl::Status Ended() {
  return absl::UnavailableError("the analyzer ended the stream");
}

bool IsRefusal(const absl::Status& why) {
  return absl::IsPermissionDenied(why) || absl::IsUnauthenticated(why) ||
         absl::IsResourceExhausted(why);
}

}  // namespace

Shipper::Shipper(Options options, EventBuffer& buffer,
                 ContainerIdentity& identity)
    : options_(std::move(options)),
      buffer_(buffer),
      identity_(identity),
      epoch_(options_.epoch),
      thread_([this] { Run(); }) {}

Shipper::~Shipper() {
  if (thread_.joinable()) Stop("destroyed");
}

void Shipper::Stop(const std::string& reason) {
  const bool delivered = buffer_.AwaitEmpty(absl::ZeroDuration());
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    stop_reason_ = reason;
    if (!delivered && stream_ != nullptr) stream_->Cancel();
  }
  thread_.join();
}

void Shipper::Run() {
  // A Hello that names the task saves a second one.
  identity_.AwaitFirstAnswer(absl::Seconds(2));
  Backoff backoff(kFirstRetry, kLongestRetry, SystemRandom());
  while (!stopping()) {
    const absl::Time opened = absl::Now();
    connected_ = fruitful_ = false;
    const absl::Status why = RunStream();
    if (stopping()) return;
    // An analyzer that refuses what it is sent welcomes us all the same.
    if (fruitful_ || absl::Now() - opened > kLongestRetry) backoff.Reset();
    TellAway(why);
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), backoff.Next());
  }
}

absl::Status Shipper::RunStream() {
  {
    absl::MutexLock lock(&mutex_);
    welcomed_ = false;
    broke_promise_ = false;
  }
  GATEWATCH_ASSIGN_OR_RETURN(
      const std::unique_ptr<ReportStream> stream,
      ReportStream::Open(options_.address, options_.channel,
                         [this](const v1::ReportResponse& response) {
                           OnResponse(response);
                         }));
  Attach(stream.get());
  const absl::Status why = Ship(*stream);
  Attach(nullptr);
  const absl::Status end =
      stream->Close(why.ok() ? kClosePatience : absl::ZeroDuration());
  // When the analyzer ended it, it may have said why.
  const bool said_why = !end.ok() && !absl::IsCancelled(end);
  return absl::IsUnavailable(why) && said_why ? end : why;
}

// OK: this side is done.
absl::Status Shipper::Ship(ReportStream& stream) {
  Progress progress;
  progress.identity_version = identity_.version();
  GATEWATCH_RETURN_IF_ERROR(Greet(stream));
  GATEWATCH_ASSIGN_OR_RETURN(progress.sent, AwaitResumePoint(stream));
  progress.acknowledged = progress.sent;
  progress.last_ack = progress.last_send = absl::Now();
  LogInfo("connected to the analyzer at ", options_.address.text, " as ",
          options_.agent_id);
  connected_ = true;
  told_away_ = absl::StatusCode::kOk;
  while (!stopping()) {
    GATEWATCH_RETURN_IF_ERROR(ShipNext(stream, progress));
    GATEWATCH_RETURN_IF_ERROR(CheckProgress(progress));
    // The Hello was wrong; the next one is not. Not a failure.
    if (identity_.version() != progress.identity_version) {
      return absl::OkStatus();
    }
  }
  if (!buffer_.AwaitEmpty(absl::ZeroDuration())) return Ended();
  v1::ReportRequest request;
  absl::MutexLock lock(&mutex_);
  request.mutable_goodbye()->set_reason(stop_reason_);
  return stream.Send(std::move(request), kSendPatience) ? absl::OkStatus()
                                                        : Ended();
}

absl::Status Shipper::Greet(ReportStream& stream) {
  v1::ReportRequest request;
  v1::Hello& hello = *request.mutable_hello();
  hello.set_agent_id(options_.agent_id);
  hello.set_epoch(epoch_);
  hello.set_version(options_.version);
  *hello.mutable_workload() = identity_.workload();
  if (options_.coverage) *hello.mutable_coverage() = options_.coverage();
  return stream.Send(std::move(request), kSendPatience) ? absl::OkStatus()
                                                        : Ended();
}

absl::StatusOr<uint64_t> Shipper::AwaitResumePoint(const ReportStream& stream) {
  uint64_t stored = 0;
  {
    const absl::Time deadline = absl::Now() + kWelcomePatience;
    absl::MutexLock lock(&mutex_);
    const auto answered = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return welcomed_ || stopping_;
    };
    while (!mutex_.AwaitWithTimeout(absl::Condition(&answered), kPause)) {
      if (!stream.open()) return Ended();
      if (absl::Now() > deadline) {
        return absl::DeadlineExceededError("the analyzer does not answer");
      }
    }
    stored = last_stored_;
  }
  if (stored < buffer_.counters().last_acknowledged ||
      !buffer_.Acknowledge(stored)) {
    BeginEpoch();
    return absl::DataLossError("the analyzer does not hold what it had");
  }
  return stored;
}

// Sends the next batch, or a heartbeat when there is none for long.
absl::Status Shipper::ShipNext(ReportStream& stream, Progress& progress) {
  if (!stream.open()) return Ended();
  v1::ReportRequest request;
  const EventBuffer::Slice slice =
      buffer_.Read(progress.sent, kBatchEvents, kPause);
  if (!slice.events.empty()) {
    *request.mutable_batch() = MakeBatch(slice, kBatchBytes, identity_);
    const auto& events = request.batch().events();
    progress.sent = events[events.size() - 1].sequence();
    sent_ += static_cast<uint64_t>(events.size());
  } else if (absl::Now() - progress.last_send >= options_.heartbeat) {
    request.mutable_heartbeat()->set_time_ns(UnixNanos());
    *request.mutable_heartbeat()->mutable_counters() = Counters();
  } else {
    return absl::OkStatus();
  }
  progress.last_send = absl::Now();
  return stream.Send(std::move(request), kSendPatience) ? absl::OkStatus()
                                                        : Ended();
}

absl::Status Shipper::CheckProgress(Progress& progress) {
  {
    absl::MutexLock lock(&mutex_);
    if (broke_promise_) {
      return absl::DataLossError(
          "the analyzer acknowledged what it was never sent");
    }
  }
  const uint64_t acknowledged = buffer_.counters().last_acknowledged;
  if (acknowledged != progress.acknowledged) fruitful_ = true;
  if (acknowledged != progress.acknowledged || acknowledged >= progress.sent) {
    progress.acknowledged = acknowledged;
    progress.last_ack = absl::Now();
  }
  if (absl::Now() - progress.last_ack > options_.ack_timeout) {
    return absl::DeadlineExceededError("the analyzer acknowledges nothing");
  }
  return absl::OkStatus();
}

void Shipper::BeginEpoch() {
  epoch_ = std::max(UnixNanos(), epoch_ + 1);
  buffer_.Renumber();
}

void Shipper::OnResponse(const v1::ReportResponse& response) {
  switch (response.message_case()) {
    case v1::ReportResponse::kWelcome: {
      if (options_.on_policy) options_.on_policy(response.welcome().policy());
      absl::MutexLock lock(&mutex_);
      welcomed_ = true;
      last_stored_ = response.welcome().last_sequence();
      return;
    }
    case v1::ReportResponse::kAck: {
      if (buffer_.Acknowledge(response.ack().sequence())) return;
      absl::MutexLock lock(&mutex_);
      broke_promise_ = true;
      return;
    }
    case v1::ReportResponse::kPolicyChange:
      if (options_.on_policy) {
        options_.on_policy(response.policy_change().policy());
      }
      return;
    case v1::ReportResponse::MESSAGE_NOT_SET:
      return;  // a later version's answer
  }
}

void Shipper::Attach(ReportStream* stream) {
  absl::MutexLock lock(&mutex_);
  stream_ = stream;
}

bool Shipper::stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void Shipper::TellAway(const absl::Status& why) {
  // Another reason asks for another remedy.
  if (why.ok() || why.code() == told_away_) return;
  told_away_ = why.code();
  LogWarning(IsRefusal(why) ? "refused by the analyzer at " : "no analyzer at ",
             options_.address.text, " (", why.message(),
             "); keeping events and trying again");
}

v1::AgentCounters Shipper::Counters() const {
  v1::AgentCounters counters;
  if (options_.counters) counters = options_.counters();
  const EventBuffer::Counters buffer = buffer_.counters();
  counters.set_sent(sent_);
  counters.set_dropped(counters.dropped() + buffer.dropped);
  counters.set_buffered_events(buffer.events);
  counters.set_buffered_bytes(buffer.bytes);
  return counters;
}

}  // namespace gatewatch::agent
