#ifndef GATEWATCH_AGENT_REPORT_STREAM_H_
#define GATEWATCH_AGENT_REPORT_STREAM_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "channel/address.h"
#include "channel/settings.h"
#include "gatewatch/v1/ingest.pb.h"

namespace gatewatch::agent {

// One connection to the analyzer's ingest service, from its opening to its
// end. Nothing in it waits longer than it is told to.
//
// Threads: Send() and Close() from one, Cancel() from any. `on_response` is
//          called on a thread of gRPC's, one call at a time.
class ReportStream {
 public:
  using OnResponse = std::function<void(const v1::ReportResponse&)>;

  // Begins to connect; whether that succeeds is told by Send().
  // Errors as of channel::Connect().
  static absl::StatusOr<std::unique_ptr<ReportStream>> Open(
      const channel::Address& address, const channel::Settings& settings,
      OnResponse on_response);
  // Cancels what is still open; no response is delivered afterwards.
  virtual ~ReportStream() = default;

  // True when the message is on its way; false when the stream has ended, or
  // when the analyzer has not made room for it within `patience`: then the
  // stream is of no more use.
  virtual bool Send(v1::ReportRequest request, absl::Duration patience) = 0;

  // Neither side has ended it.
  virtual bool open() const = 0;

  // Says that nothing more will be sent, waits up to `patience` for the
  // analyzer to end it too, cancels what is left, and tells how it ended, as
  // of channel::ExplainFailure(). The last call.
  virtual absl::Status Close(absl::Duration patience) = 0;

  // Ends the stream from outside.
  virtual void Cancel() = 0;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_REPORT_STREAM_H_
