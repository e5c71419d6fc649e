#ifndef GATEWATCH_ANALYZER_PARTITION_INDEX_H_
#define GATEWATCH_ANALYZER_PARTITION_INDEX_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analyzer/partition.h"
#include "analyzer/sqlite.h"
#include "analyzer/surroundings.h"
#include "detection/compiled_condition.h"

namespace gatewatch::analyzer {

// Finds events of one partition by where they come from and what they say.
//
// A file of its own beside the partition's, made by BuildIndex() when nothing
// is written to the partition any more: so it costs the writer nothing, and
// when it is damaged or missing, queries are slower and evidence is none the
// worse.
//
// It holds terms (an origin: source, container, call and kind; or the text of
// a field: proc.name, fd.name) and for each the events that have it, by time.
//
// Threads:  one at a time.
// Limits:   of a field with more than 200,000 texts nothing is kept.
class PartitionIndex {
 public:
  // Of a partition that is indexed().
  static absl::StatusOr<std::unique_ptr<PartitionIndex>> Open(
      const Partition& partition);

  // The terms that lead to all events of these kinds (none: of any) for which
  // the condition may hold. Nothing: too many, or most of the events.
  using Terms = std::vector<int64_t>;
  absl::StatusOr<std::optional<Terms>> TermsFor(
      const detection::CompiledCondition& condition,
      const std::vector<std::string>& kinds, Surroundings& surroundings);

  // The rows of events that have a term, in the order of the query.
  absl::StatusOr<Statement> Rows(bool newest_first);

 private:
  struct Choice {
    Terms terms;
    uint64_t events = 0;
  };

  PartitionIndex(Database database, uint64_t events)
      : database_(std::move(database)), events_(events) {}
  absl::StatusOr<std::optional<Choice>> ByOrigin(
      const detection::CompiledCondition& condition,
      const std::vector<std::string>& kinds, Surroundings& surroundings);
  absl::StatusOr<std::optional<Choice>> ByText(
      const detection::CompiledCondition& condition, const std::string& field);

  Database database_;
  const uint64_t events_;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_PARTITION_INDEX_H_
