#ifndef GATEWATCH_ANALYZER_QUERY_SERVICE_H_
#define GATEWATCH_ANALYZER_QUERY_SERVICE_H_

#include <memory>

#include "analyzer/agent_registry.h"
#include "analyzer/alert_store.h"
#include "analyzer/detector.h"
#include "analyzer/event_store.h"
#include "analyzer/feed.h"
#include "analyzer/rule_book.h"

namespace grpc {
class Service;
}

namespace gatewatch::analyzer {

// What queries are answered from. All are needed.
struct QuerySources {
  const RuleBook* rules = nullptr;
  EventStore* events = nullptr;
  AlertStore* alerts = nullptr;
  AgentRegistry* agents = nullptr;
  const Detector* detector = nullptr;
  Feed<v1::Alert>* alert_feed = nullptr;
  Feed<v1::EventRecord>* event_feed = nullptr;
};

// gatewatch.v1.QueryService.
//
// Threads:  gRPC's.
// Limits:   a page ends at its size, at what fits gRPC's default message, or
//           after so much reading that a caller might give up; it has then a
//           token to go on with. kMaxWatches at once, of one certificate
//           kMaxWatchesOfEach; more get RESOURCE_EXHAUSTED.
// Lifetime: the sources must outlive it, and it its server. Watches end when
//           their feed is closed.
class QueryService {
 public:
  static constexpr int kMaxWatches = 64;
  static constexpr int kMaxWatchesOfEach = 16;

  explicit QueryService(const QuerySources& sources);
  ~QueryService();

  // What a server serves.
  grpc::Service& service();

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_QUERY_SERVICE_H_
