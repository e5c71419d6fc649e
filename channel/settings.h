#ifndef GATEWATCH_CHANNEL_SETTINGS_H_
#define GATEWATCH_CHANNEL_SETTINGS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "channel/address.h"

namespace gatewatch::channel {

// A certificate or key: a file that may be replaced while the program runs,
// or the PEM text itself, as a secret in the environment brings it.
struct Source {
  std::string file;
  std::string pem;
  bool given() const { return !file.empty() || !pem.empty(); }
};

// How one end of the channel shows who it is, and whom it believes.
struct Settings {
  Source certificate;  // its own, with the chain up to the CA
  Source key;
  Source ca;  // those that sign the other end's certificates
  // The name that the analyzer's certificate must bear; empty: the host that
  // is connected to. For clients.
  std::string server_name;
  // Plaintext beyond this host.
  bool insecure_plaintext = false;

  bool tls() const { return certificate.given(); }
};

enum class Protection { kPlaintext, kTls };

// All three of certificate, key and CA or none, each from one source, and no
// plaintext with them. INVALID_ARGUMENT says what is missing.
absl::Status CheckSettings(const Settings& settings);

// What protects a connection at this address. TLS whenever it is configured,
// except on unix sockets in the file system; never plaintext beyond this host
// unless that was asked for: INVALID_ARGUMENT.
absl::StatusOr<Protection> ProtectionAt(const Address& address,
                                        const Settings& settings);

}  // namespace gatewatch::channel

#endif  // GATEWATCH_CHANNEL_SETTINGS_H_
