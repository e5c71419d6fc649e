#include "channel/settings.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"

namespace gatewatch::channel {
namespace {

struct Part {
  const Source Settings::*source;
  const char* flag;
  const char* variable;
};

constexpr Part kParts[] = {
    {&Settings::certificate, "--tls-cert", "GATEWATCH_TLS_CERT_PEM"},
    {&Settings::key, "--tls-key", "GATEWATCH_TLS_KEY_PEM"},
    {&Settings::ca, "--tls-ca", "GATEWATCH_TLS_CA_PEM"},
};

}  // namespace

absl::Status CheckSettings(const Settings& settings) {
  std::vector<std::string> given, missing;
  for (const Part& part : kParts) {
    const Source& source = settings.*part.source;
    if (!source.file.empty() && !source.pem.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(part.flag, " and ", part.variable,
                       " contradict each other: give one of the two"));
    }
    (source.given() ? given : missing)
        .push_back(absl::StrCat(part.flag, " or ", part.variable));
  }
  if (!given.empty() && !missing.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "TLS needs certificate, key and CA. Missing: ",
        absl::StrJoin(missing, "; "),
        ". Nothing falls back to plaintext: give all three, or none"));
  }
  if (settings.insecure_plaintext && !given.empty()) {
    return absl::InvalidArgumentError(
        "--insecure-plaintext contradicts the TLS certificate: leave out one "
        "of the two");
  }
  if (!settings.server_name.empty() && given.empty()) {
    return absl::InvalidArgumentError(
        "--tls-server-name means nothing without --tls-cert, --tls-key and "
        "--tls-ca");
  }
  return absl::OkStatus();
}

absl::StatusOr<Protection> ProtectionAt(const Address& address,
                                        const Settings& settings) {
  GATEWATCH_RETURN_IF_ERROR(CheckSettings(settings));
  if (address.socket) return Protection::kPlaintext;
  if (settings.tls()) return Protection::kTls;
  if (address.local || settings.insecure_plaintext) {
    return Protection::kPlaintext;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      address.text,
      " is beyond this host, and without TLS anyone between could read and "
      "forge what is sent. Give --tls-cert, --tls-key and --tls-ca (gatewatch "
      "certs makes some for a trial), or accept that with "
      "--insecure-plaintext"));
}

}  // namespace gatewatch::channel
