#ifndef GATEWATCH_AGENT_HTTP_GET_H_
#define GATEWATCH_AGENT_HTTP_GET_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gatewatch::agent {

// The body of the answer to a GET of a plain http URL. No proxy, no redirect.
// Waits at most `timeout`.
//
// UNAVAILABLE: no answer in time, or a status other than 200.
// RESOURCE_EXHAUSTED: the body is longer than `limit` bytes.
absl::StatusOr<std::string> HttpGet(const std::string& url,
                                    absl::Duration timeout, size_t limit);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_HTTP_GET_H_
