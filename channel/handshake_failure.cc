#include "channel/handshake_failure.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace gatewatch::channel {
namespace {

struct FailureRow {
  Protection protection;
  const char* said;  // part of gRPC's message
  absl::StatusCode code;
  const char* meaning;
};

constexpr char kNotTaken[] =
    "the analyzer ended the handshake, and so probably does not take this "
    "certificate: it must be of the analyzer's --tls-ca, valid, and a "
    "client's";
constexpr char kOtherEndHasTls[] =
    "the analyzer ended the connection, and so probably speaks TLS: give "
    "--tls-cert, --tls-key and --tls-ca";

// The first that fits.
constexpr FailureRow kFailures[] = {
    {Protection::kTls, "certificate verify failed",
     absl::StatusCode::kUnauthenticated,
     "the analyzer's certificate is expired or not of --tls-ca"},
    {Protection::kTls, "is not in peer certificate",
     absl::StatusCode::kUnauthenticated,
     "the analyzer's certificate bears other names: connect to one of them, "
     "or give one as --tls-server-name"},
    {Protection::kTls, "wrong version number",
     absl::StatusCode::kFailedPrecondition,
     "the analyzer does not speak TLS: give it --tls-cert, --tls-key and "
     "--tls-ca"},
    {Protection::kTls, "Socket closed", absl::StatusCode::kUnauthenticated,
     kNotTaken},
    {Protection::kTls, "Connection reset", absl::StatusCode::kUnauthenticated,
     kNotTaken},
    {Protection::kTls, "Broken pipe", absl::StatusCode::kUnauthenticated,
     kNotTaken},
    {Protection::kPlaintext, "Socket closed",
     absl::StatusCode::kFailedPrecondition, kOtherEndHasTls},
    {Protection::kPlaintext, "Connection reset",
     absl::StatusCode::kFailedPrecondition, kOtherEndHasTls},
};

}  // namespace

absl::Status ExplainFailure(const absl::Status& status, Protection protection) {
  if (!absl::IsUnavailable(status) ||
      !absl::StartsWith(status.message(), "failed to connect")) {
    return status;
  }
  for (const FailureRow& row : kFailures) {
    if (row.protection != protection ||
        !absl::StrContains(status.message(), row.said)) {
      continue;
    }
    return absl::Status(row.code,
                        absl::StrCat(row.meaning, " (", status.message(), ")"));
  }
  return status;
}

}  // namespace gatewatch::channel
