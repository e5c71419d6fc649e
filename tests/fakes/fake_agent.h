#ifndef GATEWATCH_TESTS_FAKES_FAKE_AGENT_H_
#define GATEWATCH_TESTS_FAKES_FAKE_AGENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "gatewatch/v1/ingest.pb.h"

namespace gatewatch::testing {

// An agent as the analyzer sees one: a stream that says what a test makes it
// say, right or wrong. Every call ends within ten seconds.
class FakeAgent {
 public:
  // Opens a stream to a gRPC address; says nothing yet.
  explicit FakeAgent(const std::string& address);
  // Gives the stream up as a crash would.
  ~FakeAgent();

  // Says hello. The Welcome's last sequence; nothing when the stream ended.
  std::optional<uint64_t> Hello(const std::string& agent_id, uint64_t epoch);
  // What the Welcome wants captured; nothing: everything.
  const std::optional<v1::CapturePolicy>& policy() const { return policy_; }
  // Sends without waiting for an answer; false: the stream has ended.
  bool Send(const v1::ReportRequest& request);
  // Sends a batch. The Ack's sequence; nothing when the stream ended.
  std::optional<uint64_t> Report(const v1::Batch& batch);
  // Says goodbye and returns how the stream ended.
  absl::Status Goodbye();
  // How the analyzer ended the stream.
  absl::Status AwaitEnd();

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
  std::optional<v1::CapturePolicy> policy_;
};

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_FAKES_FAKE_AGENT_H_
