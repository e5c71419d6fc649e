#ifndef GATEWATCH_BENCH_RECORDING_H_
#define GATEWATCH_BENCH_RECORDING_H_

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "detection/event_view.h"
#include "gatewatch/v1/event.pb.h"

namespace gatewatch::bench {

// Says what is wrong, and ends the program.
[[noreturn]] void Fail(absl::string_view what);

// Recorded events as the analyzer has them: those of one process share it.
class Recording {
 public:
  // Of a file that `gatewatch events -o json` wrote. Fail()s when it is none.
  explicit Recording(const char* path);

  const std::vector<detection::EventView>& views() const { return views_; }

 private:
  void Keep(v1::EventRecord& record);
  const v1::Process* Shared(const v1::Process& process);

  std::deque<v1::Event> events_;
  std::map<std::string, v1::Process> processes_;  // by key and revision
  std::map<std::string, v1::Container> containers_;
  std::deque<std::vector<const v1::Process*>> ancestors_;
  v1::Workload workload_;
  std::vector<detection::EventView> views_;
};

}  // namespace gatewatch::bench

#endif  // GATEWATCH_BENCH_RECORDING_H_
