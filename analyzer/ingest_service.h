#ifndef GATEWATCH_ANALYZER_INGEST_SERVICE_H_
#define GATEWATCH_ANALYZER_INGEST_SERVICE_H_

#include <memory>

#include "absl/time/time.h"
#include "analyzer/agent_registry.h"
#include "analyzer/event_store.h"
#include "analyzer/peer_rates.h"
#include "analyzer/pipeline.h"
#include "analyzer/rule_book.h"

namespace grpc {
class Service;
}

namespace gatewatch::analyzer {

// gatewatch.v1.IngestService: a ReportSession for each agent's stream.
//
// Threads:  gRPC's; the public methods from any.
// Access:   over TLS an agent reports as itself alone: PERMISSION_DENIED.
// Limits:   streams beyond the limits get RESOURCE_EXHAUSTED; who sends faster
//           than the rates is read from more slowly.
// Lifetime: what it is given must outlive it, and it its server.
class IngestService {
 public:
  struct Limits {
    int streams = 256;
    int streams_of_each = 128;  // certificate
    PeerRates::Limits rates;    // of each agent
  };

  // Agents are told to capture what `rules` need; null: everything.
  IngestService(Pipeline& pipeline, EventStore& events, AgentRegistry& agents,
                const RuleBook* rules, const Limits& limits);
  ~IngestService();

  // What a server serves.
  grpc::Service& service();

  // Ends the open streams, each after the batch it is at, and admits no more.
  void Close(absl::Time deadline);

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_INGEST_SERVICE_H_
