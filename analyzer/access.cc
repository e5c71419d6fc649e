#include "analyzer/access.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

using channel::Role;

constexpr absl::Duration kBetweenRefusals = absl::Seconds(10);

// What is not here, nobody may call.
struct AccessRow {
  absl::string_view service;
  bool agents;
  bool analysts;
};

constexpr AccessRow kAccess[] = {
    {"/gatewatch.v1.IngestService/", true, false},
    {"/gatewatch.v1.QueryService/", false, true},
    {"/grpc.health.v1.Health/", true, true},
    {"/grpc.reflection.v1alpha.ServerReflection/", false, true},
};

}  // namespace

absl::Status CheckMethod(const std::vector<std::string>& uris,
                         absl::string_view method) {
  GATEWATCH_ASSIGN_OR_RETURN(const channel::PeerName peer,
                             channel::PeerNameIn(uris));
  for (const AccessRow& row : kAccess) {
    if (!absl::StartsWith(method, row.service)) continue;
    if (peer.role == Role::kAgent ? row.agents : row.analysts) {
      return absl::OkStatus();
    }
    return absl::PermissionDeniedError(absl::StrCat(
        "the certificate ", ToUri(peer), " may not call ", method, ": use one ",
        row.agents ? "of an agent, gatewatch://agent/NAME"
                   : "of an analyst, gatewatch://analyst/NAME"));
  }
  return absl::PermissionDeniedError(
      absl::StrCat("no certificate may call ", method));
}

absl::Status CheckAgentId(const channel::PeerName& peer,
                          absl::string_view agent_id) {
  if (MayReportAs(peer, agent_id)) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat(
      "the certificate ", ToUri(peer), " may not report as agent \"", agent_id,
      "\": start the agent without --agent-id, which takes its name from the "
      "certificate, or issue one for gatewatch://agent/",
      agent_id));
}

void RefusalLog::Note(const absl::Status& refusal) {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  if (now < next_) {
    ++left_out_;
    return;
  }
  LogWarning(
      "a call is refused: ", refusal.message(),
      left_out_ > 0 ? absl::StrCat(" (and ", left_out_, " before it)") : "");
  next_ = now + kBetweenRefusals;
  left_out_ = 0;
}

}  // namespace gatewatch::analyzer
