#include "analyzer/life_spans.h"

#include <algorithm>

#include "analyzer/partition.h"
#include "analyzer/sqlite.h"
#include "base/status.h"

namespace gatewatch::analyzer {

void LifeSpan::Include(const LifeSpan& other) {
  if (other.first == 0) return;
  first = first == 0 ? other.first : std::min(first, other.first);
  if (other.last < last) return;
  last = other.last;
  last_time_ns = other.last_time_ns;
}

absl::Status AddLifeSpans(const std::string& path, LifeSpans& spans) {
  GATEWATCH_ASSIGN_OR_RETURN(Database database,
                             OpenForReading(path, kPartitionSchema));
  // Number 0 is the analyzer's own, see ReportSession.
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement lives,
      database.Prepare(
          "SELECT agent_id, epoch, first, last,"
          "  (SELECT time FROM events WHERE source = id AND sequence = last)"
          " FROM (SELECT id, agent_id, epoch,"
          "  (SELECT MIN(sequence) FROM events"
          "   WHERE source = sources.id AND sequence > 0) AS first,"
          "  (SELECT MAX(sequence) FROM events"
          "   WHERE source = sources.id) AS last FROM sources)"));
  while (true) {
    GATEWATCH_ASSIGN_OR_RETURN(const bool row, lives.Step());
    if (!row) return absl::OkStatus();
    spans[{std::string(lives.Bytes(0)), lives.Unsigned(1)}].Include(
        {lives.Unsigned(2), lives.Unsigned(3), lives.Unsigned(4)});
  }
}

}  // namespace gatewatch::analyzer
