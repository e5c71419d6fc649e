#ifndef GATEWATCH_TESTS_UNIT_ANALYZER_SAMPLES_H_
#define GATEWATCH_TESTS_UNIT_ANALYZER_SAMPLES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "analyzer/event_scan.h"
#include "analyzer/report.h"
#include "gatewatch/v1/ingest.pb.h"

namespace gatewatch::analyzer {

constexpr uint64_t kSecond = 1'000'000'000;

// A folder that goes with its owner.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  const std::string& path() const { return path_; }
  // Names of the files in it that contain `part`, sorted.
  std::vector<std::string> Files(const std::string& part) const;

 private:
  std::string path_;
};

// A batch of opens of `path` by the process "proc-1" (/bin/cat, child of
// "proc-0", /bin/sh), one a second, the event with sequence n at n seconds.
v1::Batch Opens(uint64_t first_sequence, int count,
                const std::string& path = "/etc/hosts");

// A report of all of `batch`, which it borrows like the name.
Report ReportOf(const v1::Batch& batch, const std::string& agent_id,
                uint64_t epoch = 1);

// The sequence numbers that a scan finds, in its order.
std::vector<uint64_t> Sequences(EventScan scan);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_TESTS_UNIT_ANALYZER_SAMPLES_H_
