#ifndef GATEWATCH_CHANNEL_TRIAL_AUTHORITY_H_
#define GATEWATCH_CHANNEL_TRIAL_AUTHORITY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gatewatch::channel {

// PEM texts.
struct IssuedCertificate {
  std::string certificate;
  std::string key;  // P-256, without a passphrase
};

struct ValidTime {
  absl::Time from;
  absl::Time until;
};

// A CA for trials: nothing revokes what it has signed, and its key lies beside
// it.
absl::StatusOr<IssuedCertificate> MakeTrialAuthority(const ValidTime& valid);

// What a certificate is to say. `uri` makes it a client's, of the peer that it
// names; DNS names and addresses make it a server's.
struct CertificateRequest {
  std::string common_name;
  std::string uri;
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  ValidTime valid;
};

// INVALID_ARGUMENT: the authority is none, a name or address is none, or what
// is asked for outlives the authority.
absl::StatusOr<IssuedCertificate> IssueCertificate(
    const IssuedCertificate& authority, const CertificateRequest& request);

}  // namespace gatewatch::channel

#endif  // GATEWATCH_CHANNEL_TRIAL_AUTHORITY_H_
