#include "analyzer/query_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analyzer/filters.h"
#include "analyzer/grpc_peer.h"
#include "analyzer/grpc_status.h"
#include "analyzer/peer_slots.h"
#include "analyzer/process_tree.h"
#include "analyzer/query_pages.h"
#include "base/status.h"
#include "gatewatch/v1/query.grpc.pb.h"

namespace gatewatch::analyzer {
namespace {

// How soon an idle watch notices that its client has gone.
constexpr absl::Duration kCancelPoll = absl::Milliseconds(200);
// What an answer may hold besides its alert; see query_pages.cc.
constexpr size_t kMaxAroundBytes = 512 << 10;

template <typename T>
grpc::Status Answer(absl::StatusOr<T> result, T* response) {
  if (!result.ok()) return ToGrpcStatus(result.status());
  *response = *std::move(result);
  return grpc::Status::OK;
}

}  // namespace

class QueryService::Impl final : public v1::QueryService::Service {
 public:
  explicit Impl(const QuerySources& sources) : from_(sources) {}

  grpc::Status ListAlerts(grpc::ServerContext* context,
                          const v1::ListAlertsRequest* request,
                          v1::ListAlertsResponse* response) override {
    return Answer(AlertPage(*from_.alerts, *request,
                            [&] { return context->IsCancelled(); }),
                  response);
  }

  grpc::Status ListEvents(grpc::ServerContext* context,
                          const v1::ListEventsRequest* request,
                          v1::ListEventsResponse* response) override {
    return Answer(EventPage(*from_.events, *request,
                            [&] { return context->IsCancelled(); }),
                  response);
  }

  grpc::Status WatchAlerts(grpc::ServerContext* context,
                           const v1::WatchAlertsRequest* request,
                           grpc::ServerWriter<v1::Alert>* writer) override {
    return Watch(*from_.alert_feed, AlertMatcher::Make(request->filter()),
                 *context, *writer);
  }

  grpc::Status WatchEvents(
      grpc::ServerContext* context, const v1::WatchEventsRequest* request,
      grpc::ServerWriter<v1::EventRecord>* writer) override {
    return Watch(*from_.event_feed, EventMatcher::Make(request->filter()),
                 *context, *writer);
  }

  grpc::Status GetAlert(grpc::ServerContext*,
                        const v1::GetAlertRequest* request,
                        v1::GetAlertResponse* response) override {
    return ToGrpcStatus(FindAlert(request->id(), *response));
  }

  grpc::Status GetProcessTree(grpc::ServerContext*,
                              const v1::GetProcessTreeRequest* request,
                              v1::GetProcessTreeResponse* response) override {
    return Answer(
        FindProcessTree(*from_.events, *from_.alerts, request->process_key()),
        response);
  }

  grpc::Status ListAgents(grpc::ServerContext*, const v1::ListAgentsRequest*,
                          v1::ListAgentsResponse* response) override {
    for (v1::Agent& agent : from_.agents->List()) {
      *response->add_agents() = std::move(agent);
    }
    return grpc::Status::OK;
  }

  grpc::Status ListRules(grpc::ServerContext*, const v1::ListRulesRequest*,
                         v1::ListRulesResponse* response) override {
    for (const v1::Rule& rule : from_.rules->edition()->rules->rules()) {
      *response->add_rules() = rule;
    }
    *response->mutable_status() = from_.rules->status();
    for (v1::Silence& silence :
         *response->mutable_status()->mutable_silences()) {
      from_.detector->CountIn(silence);
    }
    return grpc::Status::OK;
  }

  grpc::Status GetRule(grpc::ServerContext*, const v1::GetRuleRequest* request,
                       v1::GetRuleResponse* response) override {
    if (!FindRule(request->name(), *response->mutable_rule())) {
      return ToGrpcStatus(
          absl::NotFoundError(absl::StrCat("no rule ", request->name())));
    }
    const Detector::Count count = from_.detector->CountOf(request->name());
    response->set_fired(count.fired);
    response->set_silenced(count.silenced);
    return grpc::Status::OK;
  }

 private:
  // False, and `found` as it was, when there is none.
  bool FindRule(const std::string& name, v1::Rule& found) const {
    const RuleBook::EditionPtr edition = from_.rules->edition();
    const v1::Rule* const rule = edition->rules->Find(name);
    if (rule != nullptr) found = *rule;
    return rule != nullptr;
  }

  absl::Status FindAlert(const std::string& id,
                         v1::GetAlertResponse& response) const {
    GATEWATCH_ASSIGN_OR_RETURN(*response.mutable_alert(),
                               from_.alerts->Find(id));
    GATEWATCH_ASSIGN_OR_RETURN(std::vector<v1::EventRecord> around,
                               EventsAround(*from_.events, response.alert()));
    size_t bytes = 0;
    for (v1::EventRecord& record : around) {
      bytes += record.ByteSizeLong();
      if (bytes > kMaxAroundBytes) break;
      *response.add_around() = std::move(record);
    }
    // The rule may be gone since it fired.
    v1::Rule rule;
    if (FindRule(response.alert().rule(), rule)) {
      *response.mutable_rule() = std::move(rule);
    }
    return absl::OkStatus();
  }

  template <typename T, typename Matcher>
  grpc::Status Watch(Feed<T>& feed, const absl::StatusOr<Matcher>& matcher,
                     grpc::ServerContext& context,
                     grpc::ServerWriter<T>& writer) {
    if (!matcher.ok()) return ToGrpcStatus(matcher.status());
    const auto peer = PeerOf(context);
    if (!peer.ok()) return ToGrpcStatus(peer.status());
    const auto slot = watches_.Take(peer->has_value() ? ToUri(**peer) : "");
    if (!slot.ok()) return ToGrpcStatus(slot.status());
    typename Feed<T>::Watcher watcher(feed);
    // Tells the client that it misses nothing from here on.
    writer.SendInitialMetadata();
    while (!context.IsCancelled()) {
      const typename Feed<T>::Item item = watcher.Next(kCancelPoll);
      if (item != nullptr) {
        if (matcher->Matches(*item) && !writer.Write(*item)) break;
        continue;
      }
      switch (watcher.end()) {
        case Feed<T>::End::kOpen:
          break;
        case Feed<T>::End::kCutOff:
          return {grpc::StatusCode::RESOURCE_EXHAUSTED,
                  "the watch fell too far behind"};
        case Feed<T>::End::kClosed:
          return {grpc::StatusCode::UNAVAILABLE,
                  "the analyzer is shutting down"};
      }
    }
    return {grpc::StatusCode::CANCELLED, "the caller has gone"};
  }

  const QuerySources from_;
  PeerSlots watches_{"watches",
                     {kMaxWatches, "limit of watches"},
                     {kMaxWatchesOfEach, "limit of watches for each peer"}};
};

QueryService::QueryService(const QuerySources& sources)
    : impl_(std::make_unique<Impl>(sources)) {}

QueryService::~QueryService() = default;

grpc::Service& QueryService::service() { return *impl_; }

}  // namespace gatewatch::analyzer
