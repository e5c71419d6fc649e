#ifndef GATEWATCH_ANALYZER_INDEX_BUILDER_H_
#define GATEWATCH_ANALYZER_INDEX_BUILDER_H_

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "analyzer/partition.h"
#include "analyzer/store_file.h"

namespace gatewatch::analyzer {

extern const Schema kIndexSchema;

// Fields whose texts lead to events.
constexpr const char* kIndexedFields[] = {"proc.name", "fd.name"};

// Whether there is an index of all of the partition's events, as it was
// written. Reads all of it.
absl::Status CheckIndex(const Partition& partition);

// Makes a partition's index, deleting what there was; see PartitionIndex.
// CANCELLED: `stop` has said so, between thousands of events. DATA_LOSS: the
// partition is damaged.
absl::Status BuildIndex(const std::shared_ptr<Partition>& partition,
                        absl::FunctionRef<bool()> stop);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_INDEX_BUILDER_H_
