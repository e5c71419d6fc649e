#ifndef GATEWATCH_ANALYZER_PARTITION_WRITER_H_
#define GATEWATCH_ANALYZER_PARTITION_WRITER_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "analyzer/partition.h"
#include "analyzer/report.h"
#include "analyzer/sqlite.h"

namespace gatewatch::analyzer {

// Adds reports to a partition.
//
// Threads: one at a time.
// Errors:  as Database's; nothing of what was asked for is then stored.
class PartitionWriter {
 public:
  // Makes the file when it is missing.
  static absl::StatusOr<std::unique_ptr<PartitionWriter>> Open(
      std::shared_ptr<Partition> partition);

  // Stores all or nothing, durably. Events that the partition has, by (agent,
  // epoch, sequence), are passed over.
  absl::Status Write(const std::vector<const Report*>& reports);

  Partition& partition() { return *partition_; }

 private:
  PartitionWriter(std::shared_ptr<Partition> partition, Database database);
  absl::Status Prepare();
  absl::StatusOr<int64_t> SourceOf(const Report& report);
  absl::Status WriteReport(const Report& report);
  absl::Status WriteSurroundings(int64_t source, const v1::Batch& batch);
  absl::Status WriteEvent(int64_t source, const v1::Event& event);

  const std::shared_ptr<Partition> partition_;  // see Partition
  Database database_;
  // Statements end before their database.
  std::vector<Statement> statements_;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_PARTITION_WRITER_H_
