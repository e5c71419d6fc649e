#ifndef GATEWATCH_AGENT_ANALYZER_ADDRESS_H_
#define GATEWATCH_AGENT_ANALYZER_ADDRESS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace gatewatch::agent {

// Whether events may go to this gRPC address: "unix:/path", or "host:port"
// on loopback. The stream is not encrypted, so any other host is
// INVALID_ARGUMENT unless `insecure`.
absl::Status CheckAnalyzerAddress(absl::string_view address, bool insecure);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_ANALYZER_ADDRESS_H_
