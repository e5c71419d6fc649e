#include "channel/handshake_failure.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::channel {
namespace {

absl::Status Failure(const char* last_error) {
  return absl::UnavailableError(absl::StrCat(
      "failed to connect to all addresses; last error: ", last_error));
}

}  // namespace

TEST_CASE("what failed in a handshake is told with what to do",
          "[channel][failure]") {
  struct Row {
    Protection protection;
    const char* said;
    absl::StatusCode code;
    const char* meaning;
  };
  const Row rows[] = {
      {Protection::kTls, "Ssl handshake failed: certificate verify failed",
       absl::StatusCode::kUnauthenticated, "not of --tls-ca"},
      {Protection::kTls, "Peer name localhost is not in peer certificate",
       absl::StatusCode::kUnauthenticated, "--tls-server-name"},
      {Protection::kTls, "Ssl handshake failed: wrong version number",
       absl::StatusCode::kFailedPrecondition, "does not speak TLS"},
      {Protection::kTls, "Socket closed", absl::StatusCode::kUnauthenticated,
       "does not take this certificate"},
      {Protection::kPlaintext, "Socket closed",
       absl::StatusCode::kFailedPrecondition, "speaks TLS"},
  };
  for (const Row& row : rows) {
    INFO(row.said);
    const absl::Status explained =
        ExplainFailure(Failure(row.said), row.protection);
    CHECK(explained.code() == row.code);
    CHECK(absl::StrContains(explained.message(), row.meaning));
    CHECK(absl::StrContains(explained.message(), row.said));
  }
}

TEST_CASE("an analyzer that is not there is not taken for one that refuses",
          "[channel][failure]") {
  const absl::Status refused = Failure("Connection refused");
  CHECK(ExplainFailure(refused, Protection::kTls) == refused);
  CHECK(ExplainFailure(refused, Protection::kPlaintext) == refused);
}

TEST_CASE("the end of a call that was under way is left as it is",
          "[channel][failure]") {
  for (const absl::Status& status :
       {absl::UnavailableError("Socket closed"), absl::OkStatus(),
        absl::PermissionDeniedError("failed to connect: Socket closed")}) {
    CHECK(ExplainFailure(status, Protection::kTls) == status);
  }
}

}  // namespace gatewatch::channel
