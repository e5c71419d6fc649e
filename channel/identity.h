#ifndef GATEWATCH_CHANNEL_IDENTITY_H_
#define GATEWATCH_CHANNEL_IDENTITY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "channel/settings.h"

namespace gatewatch::channel {

// What a program shows of itself and whom it believes, read and checked.
struct Identity {
  // PEM, as gRPC takes it.
  std::string certificate;
  std::string key;
  std::string ca;
  // Of the certificate.
  std::vector<std::string> uris;
  absl::Time not_before;
  absl::Time not_after;
  // How the certificate and its settings are called in a message.
  std::string certificate_place;
};

// Reads all three sources of complete settings. INVALID_ARGUMENT names the
// file, what is wrong with it, and what to do: it cannot be read, is no PEM,
// or the key does not fit the certificate.
absl::StatusOr<Identity> LoadIdentity(const Settings& settings);

// FAILED_PRECONDITION: the certificate's time has passed or not yet come.
absl::Status CheckValidity(const Identity& identity, absl::Time now);

// Both.
absl::StatusOr<Identity> LoadValidIdentity(const Settings& settings,
                                           absl::Time now);

}  // namespace gatewatch::channel

#endif  // GATEWATCH_CHANNEL_IDENTITY_H_
