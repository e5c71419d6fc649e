#ifndef GATEWATCH_AGENT_SHIPPER_H_
#define GATEWATCH_AGENT_SHIPPER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "agent/container_identity.h"
#include "agent/event_buffer.h"
#include "agent/report_stream.h"
#include "channel/address.h"
#include "channel/settings.h"
#include "gatewatch/v1/ingest.pb.h"

namespace gatewatch::agent {

// Takes the buffer's events to the analyzer, each until it is acknowledged.
//
// The analyzer may be absent, slow, or gone in the middle of anything: the
// shipper tries again, with growing waits of 100 ms to 10 s, for ever, and
// goes on after the last event that the analyzer says it holds. An analyzer
// that has lost what it had acknowledged is sent a new epoch, whose numbers
// begin at 1 with what is still here.
//
// Threads: its own; the public methods from one. `buffer` and `identity` must
//          outlive it.
class Shipper {
 public:
  struct Options {
    channel::Address address;
    channel::Settings channel;  // what protects the way there
    std::string agent_id;
    uint64_t epoch = 0;
    std::string version;
    // What is covered now. Called on the shipper's thread, as is `counters`.
    std::function<v1::Coverage()> coverage;
    // What capture has counted; the shipper adds its own and the buffer's.
    std::function<v1::AgentCounters()> counters;
    // What is worth capturing: in each welcome, and when it changes. Called on
    // a thread of gRPC's; to be quick.
    std::function<void(const v1::CapturePolicy&)> on_policy;
    absl::Duration heartbeat = absl::Seconds(3);
    // A connection on which nothing is acknowledged for so long is given up.
    absl::Duration ack_timeout = absl::Seconds(30);
  };

  Shipper(Options options, EventBuffer& buffer, ContainerIdentity& identity);
  ~Shipper();

  // Ends the stream, with a goodbye when everything was acknowledged; what is
  // left otherwise dies with the agent, and the analyzer is not to think that
  // it ended in order. Once.
  void Stop(const std::string& reason) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // How far one stream has come.
  struct Progress {
    uint64_t sent = 0;  // the last sequence number that was sent
    uint64_t acknowledged = 0;
    absl::Time last_ack;  // or when there was nothing to acknowledge
    absl::Time last_send;
    uint64_t identity_version = 0;
  };

  void Run();
  // Opens a stream and ships until it ends; why it did.
  absl::Status RunStream();
  absl::Status Ship(ReportStream& stream);
  absl::Status Greet(ReportStream& stream);
  absl::StatusOr<uint64_t> AwaitResumePoint(const ReportStream& stream);
  absl::Status ShipNext(ReportStream& stream, Progress& progress);
  absl::Status CheckProgress(Progress& progress);
  void BeginEpoch();
  void OnResponse(const v1::ReportResponse& response)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Attach(ReportStream* stream) ABSL_LOCKS_EXCLUDED(mutex_);
  bool stopping() const ABSL_LOCKS_EXCLUDED(mutex_);
  void TellAway(const absl::Status& why);
  v1::AgentCounters Counters() const;

  const Options options_;
  EventBuffer& buffer_;
  ContainerIdentity& identity_;

  // The thread's own.
  uint64_t epoch_;
  uint64_t sent_ = 0;       // events, those of repeats included
  bool connected_ = false;  // this stream was welcomed
  bool fruitful_ = false;   // this stream brought an acknowledgement
  // Why it is away, as the log has it; OK: it is not.
  absl::StatusCode told_away_ = absl::StatusCode::kOk;

  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::string stop_reason_ ABSL_GUARDED_BY(mutex_);
  ReportStream* stream_ ABSL_GUARDED_BY(mutex_) = nullptr;
  // What the analyzer said on this stream.
  bool welcomed_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t last_stored_ ABSL_GUARDED_BY(mutex_) = 0;
  bool broke_promise_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_SHIPPER_H_
