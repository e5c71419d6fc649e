#ifndef GATEWATCH_ANALYZER_PROCESS_TREE_H_
#define GATEWATCH_ANALYZER_PROCESS_TREE_H_

#include <string>

#include "absl/status/statusor.h"
#include "analyzer/alert_store.h"
#include "analyzer/event_store.h"
#include "gatewatch/v1/query.pb.h"

namespace gatewatch::analyzer {

// A process with its ancestors and descendants and what each has done, from
// all that the stores hold.
//
// Threads: any.
// Limits:  10,000 processes and 3 MiB, so that a fork bomb's tree still fits
//          an answer; beyond that it is marked as truncated.
// Errors:  NOT_FOUND: no partition knows the process.
absl::StatusOr<v1::GetProcessTreeResponse> FindProcessTree(
    EventStore& events, const AlertStore& alerts, const std::string& key);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_PROCESS_TREE_H_
