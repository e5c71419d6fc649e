#ifndef GATEWATCH_CHANNEL_CERTIFICATE_WATCH_H_
#define GATEWATCH_CHANNEL_CERTIFICATE_WATCH_H_

#include <string>

#include "absl/status/statusor.h"
#include "channel/identity.h"
#include "channel/settings.h"

namespace gatewatch::channel {

// A server's certificates, followed as their files are replaced.
//
// Files that are replaced one by one do not fit each other in between, and an
// expired certificate serves nobody: such a set is left out, the last fit one
// stays, and the log tells it once for each change.
//
// Threads: one.
class CertificateWatch {
 public:
  // Errors as of LoadValidIdentity().
  static absl::StatusOr<CertificateWatch> Open(Settings settings);

  // What has come to count since the last call; the first call gives what
  // Open() has read. Null: nothing new. Valid until the next call.
  const Identity* TakeNew();

 private:
  CertificateWatch(Settings settings, std::string seen, Identity identity);
  void Look();

  Settings settings_;
  std::string seen_;  // of the files: what changes when they are replaced
  Identity identity_;
  bool is_new_ = true;
};

}  // namespace gatewatch::channel

#endif  // GATEWATCH_CHANNEL_CERTIFICATE_WATCH_H_
