#ifndef GATEWATCH_CLI_CLIENT_H_
#define GATEWATCH_CLI_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "channel/settings.h"
#include "gatewatch/v1/query.pb.h"

namespace gatewatch::cli {

// The analyzer's query service. The only place of the command line that knows
// gRPC.
//
// Threads: any. Cancel() ends calls of other threads.
// Errors:  Unavailable when nobody answers at the address within 30 s, those
//          of channel::ExplainFailure(), otherwise what the service documents
//          (query.proto).
class Client {
 public:
  // Nothing is sent before the first call. Errors as of channel::Connect().
  static absl::StatusOr<std::unique_ptr<Client>> Create(
      const std::string& address, const channel::Settings& settings);
  ~Client();

  // Every alert or event that the request asks for, page after page, oldest
  // first. The request's page token is ignored.
  absl::Status ForEachAlert(v1::ListAlertsRequest request,
                            const std::function<void(const v1::Alert&)>& visit);
  absl::Status ForEachEvent(
      v1::ListEventsRequest request,
      const std::function<void(const v1::EventRecord&)>& visit);

  // Every new alert or event, until Cancel(): then OK.
  absl::Status WatchAlerts(const v1::WatchAlertsRequest& request,
                           const std::function<void(const v1::Alert&)>& visit);
  absl::Status WatchEvents(
      const v1::WatchEventsRequest& request,
      const std::function<void(const v1::EventRecord&)>& visit);

  absl::StatusOr<v1::GetAlertResponse> GetAlert(const std::string& id);
  absl::StatusOr<v1::GetProcessTreeResponse> GetProcessTree(
      const std::string& process_key);
  absl::StatusOr<v1::ListAgentsResponse> ListAgents();
  absl::StatusOr<v1::ListRulesResponse> ListRules();
  absl::StatusOr<v1::GetRuleResponse> GetRule(const std::string& name);

  // Ends every watch that runs, and those that would begin later.
  void Cancel();

 private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_CLIENT_H_
