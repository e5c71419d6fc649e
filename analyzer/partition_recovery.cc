#include "analyzer/partition_recovery.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "analyzer/life_spans.h"
#include "analyzer/loss_batch.h"
#include "analyzer/partition.h"
#include "analyzer/partition_writer.h"
#include "analyzer/recovery.h"
#include "analyzer/report.h"
#include "analyzer/sqlite.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

constexpr uint64_t kNanosPerSecond = 1'000'000'000;

// What the partitions beside a damaged one hold.
struct Neighbours {
  LifeSpans older;
  LifeSpans newer;
  uint64_t next_start_seconds = UINT64_MAX;
};

Neighbours NeighboursOf(const std::string& directory, uint64_t start_seconds) {
  Neighbours neighbours;
  std::error_code error;
  for (const auto& file :
       std::filesystem::directory_iterator(directory, error)) {
    const auto start = Partition::StartOf(file.path().filename().string());
    if (!start || *start == start_seconds) continue;
    const bool older = *start < start_seconds;
    // One that is damaged too bounds nothing; it has its own recovery.
    AddLifeSpans(file.path().string(),
                 older ? neighbours.older : neighbours.newer)
        .IgnoreError();
    if (!older) {
      neighbours.next_start_seconds =
          std::min(neighbours.next_start_seconds, *start);
    }
  }
  return neighbours;
}

// The numbers from first to last should be there, of which `count` are lost.
struct Expected {
  uint64_t first = 0;
  uint64_t last = 0;
};

std::optional<Expected> ExpectedOf(const LifeSpan& saved, const LifeSpan& older,
                                   const LifeSpan& newer, bool began_here) {
  Expected expected{saved.first, saved.last};
  if (older.last > 0) {
    expected.first = older.last + 1;
  } else if (began_here) {
    expected.first = 1;
  }
  if (newer.first > 0) expected.last = newer.first - 1;
  if (expected.first == 0 || expected.last < expected.first) {
    return std::nullopt;
  }
  return expected;
}

// Counts what is missing and finds the last missing number, in a partition.
class GapFinder {
 public:
  static absl::StatusOr<GapFinder> Open(Database& database) {
    GATEWATCH_ASSIGN_OR_RETURN(
        Statement count,
        database.Prepare("SELECT COUNT(*) FROM events JOIN sources"
                         " ON sources.id = source WHERE agent_id = ?"
                         " AND epoch = ? AND sequence BETWEEN ? AND ?"));
    GATEWATCH_ASSIGN_OR_RETURN(
        Statement last,
        database.Prepare(
            "SELECT MAX(sequence) - 1 FROM events AS e JOIN sources"
            " ON sources.id = source WHERE agent_id = ? AND epoch = ?"
            " AND sequence BETWEEN ? AND ? AND NOT EXISTS (SELECT 1 FROM"
            "  events AS before WHERE before.source = e.source"
            "  AND before.sequence = e.sequence - 1)"));
    return GapFinder(std::move(count), std::move(last));
  }

  absl::StatusOr<uint64_t> CountMissing(const LifeSpans::key_type& life,
                                        const Expected& expected) {
    GATEWATCH_RETURN_IF_ERROR(
        count_.Bind(life.first, life.second, expected.first, expected.last)
            .Step()
            .status());
    const uint64_t present = count_.Unsigned(0);
    count_.Rewind();
    return expected.last - expected.first + 1 - present;
  }
  // There must be one.
  absl::StatusOr<uint64_t> LastMissing(const LifeSpans::key_type& life,
                                       const LifeSpan& saved,
                                       const Expected& expected) {
    if (expected.last > saved.last) return expected.last;
    GATEWATCH_RETURN_IF_ERROR(
        last_.Bind(life.first, life.second, expected.first, expected.last)
            .Step()
            .status());
    const uint64_t missing = last_.Unsigned(0);
    last_.Rewind();
    return missing;
  }

 private:
  GapFinder(Statement count, Statement last)
      : count_(std::move(count)), last_(std::move(last)) {}

  Statement count_;
  Statement last_;
};

struct Gap {
  LostEvents lost;
  uint64_t last_missing = 0;
};

absl::StatusOr<std::vector<Gap>> GapsIn(const std::string& path,
                                        uint64_t start_seconds,
                                        Neighbours& neighbours) {
  LifeSpans saved;
  GATEWATCH_RETURN_IF_ERROR(AddLifeSpans(path, saved));
  // Lives of which nothing is left here may go on in later partitions.
  for (const auto& [life, span] : neighbours.newer) saved[life];
  GATEWATCH_ASSIGN_OR_RETURN(Database database,
                             OpenForReading(path, kPartitionSchema));
  GATEWATCH_ASSIGN_OR_RETURN(GapFinder finder, GapFinder::Open(database));
  std::vector<Gap> gaps;
  for (const auto& [life, span] : saved) {
    const bool began_here =
        life.second / kNanosPerSecond >= start_seconds &&
        life.second / kNanosPerSecond < neighbours.next_start_seconds;
    const auto expected = ExpectedOf(span, neighbours.older[life],
                                     neighbours.newer[life], began_here);
    if (!expected) continue;
    GATEWATCH_ASSIGN_OR_RETURN(const uint64_t missing,
                               finder.CountMissing(life, *expected));
    if (missing == 0) continue;
    GATEWATCH_ASSIGN_OR_RETURN(const uint64_t last,
                               finder.LastMissing(life, span, *expected));
    gaps.push_back({{life.first, life.second, missing}, last});
  }
  return gaps;
}

absl::Status WriteLosses(const std::string& path, uint64_t start_seconds,
                         uint64_t until_ns, const std::vector<Gap>& gaps) {
  GATEWATCH_ASSIGN_OR_RETURN(const std::unique_ptr<PartitionWriter> writer,
                             PartitionWriter::Open(std::make_shared<Partition>(
                                 Partition::AtPath{}, path, start_seconds)));
  const v1::Workload unknown;
  for (const Gap& gap : gaps) {
    const v1::Batch batch =
        LossBatch(LossOf(v1::Loss::REASON_STORE_DAMAGED, gap.lost.count,
                         start_seconds * kNanosPerSecond, until_ns),
                  gap.last_missing);
    const Report report = {.agent_id = gap.lost.agent_id,
                           .epoch = gap.lost.epoch,
                           .workload = unknown,
                           .batch = batch};
    GATEWATCH_RETURN_IF_ERROR(writer->Write({&report}));
  }
  return absl::OkStatus();
}

std::string TimeText(uint64_t seconds) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(static_cast<int64_t>(seconds)),
                          absl::UTCTimeZone());
}

class PartitionRecovery {
 public:
  PartitionRecovery(const std::string& directory, uint64_t now_ns)
      : directory_(directory), now_ns_(now_ns) {}

  absl::StatusOr<RecoveredPartitions> Run() {
    const auto is_ours = [](const std::string& name) {
      return Partition::StartOf(name).has_value();
    };
    const auto target = [this](const std::string& name) {
      return FreePath(*Partition::StartOf(name));
    };
    const auto finish = [this](const std::string& name, const std::string& path,
                               const Salvaged& salvaged) {
      return Finish(name, path, salvaged);
    };
    GATEWATCH_RETURN_IF_ERROR(RecoverDatabases({.directory = directory_,
                                                .schema = kPartitionSchema,
                                                .tables = kPartitionTables,
                                                .is_ours = is_ours,
                                                .target = target,
                                                .finish = finish})
                                  .status());
    return std::move(recovered_);
  }

 private:
  // Its own name, or the next that is free.
  std::string FreePath(uint64_t start_seconds) {
    std::error_code error;
    while (true) {
      std::string path =
          absl::StrCat(directory_, "/", Partition::FileNameOf(start_seconds));
      if (!std::filesystem::exists(path, error)) {
        recovered_.starts.push_back(start_seconds);
        return path;
      }
      ++start_seconds;
    }
  }

  absl::StatusOr<std::string> Finish(const std::string& name,
                                     const std::string& path,
                                     const Salvaged& salvaged) {
    const uint64_t start = *Partition::StartOf(name);
    Neighbours neighbours = NeighboursOf(directory_, start);
    const bool ends = neighbours.next_start_seconds != UINT64_MAX;
    const uint64_t until_ns =
        ends ? neighbours.next_start_seconds * kNanosPerSecond : now_ns_;
    GATEWATCH_ASSIGN_OR_RETURN(const std::vector<Gap> gaps,
                               GapsIn(path, start, neighbours));
    GATEWATCH_RETURN_IF_ERROR(WriteLosses(path, start, until_ns, gaps));
    recovered_.since_seconds = std::min(recovered_.since_seconds, start);
    uint64_t lost = 0;
    for (const Gap& gap : gaps) {
      lost += gap.lost.count;
      recovered_.lost.push_back(gap.lost);
    }
    recovered_.statements.push_back(absl::StrCat(
        name, ", which held what arrived from ", TimeText(start), " to ",
        TimeText(until_ns / kNanosPerSecond), ": ", salvaged.rows.back(),
        " events saved, ", lost, " known to be lost, of ", gaps.size(),
        " agents' lives",
        salvaged.holes ? "; places could not be read, so that more may be"
                         " lost at its end, and processes and containers"
                       : ""));
    return recovered_.statements.back();
  }

  const std::string directory_;
  const uint64_t now_ns_;
  RecoveredPartitions recovered_;
};

}  // namespace

absl::StatusOr<RecoveredPartitions> RecoverPartitions(
    const std::string& directory, uint64_t now_ns) {
  return PartitionRecovery(directory, now_ns).Run();
}

}  // namespace gatewatch::analyzer
