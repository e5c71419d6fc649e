#include "probes/emitter.h"

#include "catch2/catch.hpp"

namespace gatewatch::probes {
namespace {

Observation Of(absl::string_view syscall, uint64_t count = 1) {
  Observation observation;
  observation.time_ns = 1;
  observation.syscall = syscall;
  observation.count = count;
  observation.detail = ProcessExited{};
  return observation;
}

}  // namespace

TEST_CASE("what does not fit is counted by call and told later", "[emitter]") {
  ObservationQueue queue(1);
  Emitter emitter(queue);
  emitter.Emit(Of("open"));
  emitter.Emit(Of("open", 5));
  emitter.Emit(Of("connect"));
  emitter.ReportLost();  // no room yet
  CHECK(queue.Take(absl::ZeroDuration()).size() == 1);
  emitter.ReportLost();
  const auto told = queue.Take(absl::ZeroDuration());
  REQUIRE(told.size() == 1);
  const auto& lost = std::get<ObservationsLost>(told[0].detail);
  REQUIRE(lost.counts.size() == 2);
  CHECK(lost.counts[0].syscall == "open");
  CHECK(lost.counts[0].count == 5);
  CHECK(lost.counts[1].count == 1);
  CHECK(lost.since_ns != 0);
  CHECK(lost.since_ns <= lost.until_ns);
  CHECK(emitter.counters().observed == 7);
  CHECK(emitter.counters().dropped == 6);
}

TEST_CASE("a loss is told once, and none when there was none", "[emitter]") {
  ObservationQueue queue(10);
  Emitter emitter(queue);
  emitter.CountLost("dns", 0);
  emitter.ReportLost();
  CHECK(queue.Take(absl::ZeroDuration()).empty());
  emitter.CountLost("dns", 2);
  emitter.ReportLost();
  emitter.ReportLost();
  CHECK(queue.Take(absl::ZeroDuration()).size() == 1);
}

}  // namespace gatewatch::probes
