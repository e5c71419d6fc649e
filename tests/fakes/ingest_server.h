#ifndef GATEWATCH_TESTS_FAKES_INGEST_SERVER_H_
#define GATEWATCH_TESTS_FAKES_INGEST_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "gatewatch/v1/ingest.pb.h"

namespace gatewatch::testing {

// An analyzer's ingest service that keeps events in memory, does what a test
// tells it to, and holds the agent to the protocol.
//
// Threads: its own; the public methods from one. The expectations wait up to
//          ten seconds, and return what has come by then.
class FakeIngestServer {
 public:
  // Where the server ends a stream that it was told to end.
  enum class EndAt {
    kHello,        // before its Welcome
    kWelcome,      // right after it
    kBatch,        // the batch is not stored
    kStoredBatch,  // the batch is stored, but not acknowledged
    kAck,          // right after it
  };

  FakeIngestServer();
  ~FakeIngestServer();

  // Stays the same when it stops and starts.
  const std::string& address() const;

  void Start();
  // Ends all streams; what was stored stays.
  void Stop();
  // The store is lost.
  void Forget();

  // Ends the next `times` streams at this point.
  void EndStreams(EndAt where, int times);
  // Wants these kinds of events alone from the next hello on.
  void GivePolicy(const std::vector<std::string>& kinds);
  // Takes batches in, but says nothing.
  void HoldAcks();

  // The hellos so far, at least `count`.
  std::vector<v1::Hello> ExpectHellos(size_t count);
  // The events stored in the present epoch, at least `count`.
  std::vector<v1::Event> ExpectEvents(size_t count);
  std::vector<v1::Heartbeat> ExpectHeartbeats(size_t count);
  // Empty when none has come.
  std::string ExpectGoodbye();

  std::vector<v1::Batch> batches() const;
  bool said_goodbye() const;
  // What the agent did against the protocol: gaps, events sent that were
  // known to be stored, references to processes that are not in the batch.
  std::vector<std::string> violations() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_FAKES_INGEST_SERVER_H_
