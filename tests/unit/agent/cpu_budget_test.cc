#include "agent/cpu_budget.h"

#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

using probes::CaptureLevel;

constexpr uint64_t kSecond = 1'000'000'000;

// A process whose use of the CPU is what a test says.
class Process {
 public:
  explicit Process(double budget) : budget_(budget) { Run(1, 0); }

  // Lets `seconds` pass at that share of a CPU; the level after.
  CaptureLevel Run(int seconds, double share) {
    CaptureLevel level = CaptureLevel::kAll;
    for (int i = 0; i < seconds; ++i) {
      now_ns_ += kSecond;
      cpu_ns_ += static_cast<uint64_t>(share * static_cast<double>(kSecond));
      level = budget_.Measure(now_ns_, cpu_ns_);
    }
    return level;
  }

  // Between two looks.
  CaptureLevel Peek() {
    return budget_.Measure(now_ns_ + 1, cpu_ns_ + kSecond);
  }

 private:
  CpuBudget budget_;
  uint64_t now_ns_ = kSecond;
  uint64_t cpu_ns_ = 0;
};

}  // namespace

TEST_CASE("three seconds over the budget cost one level", "[budget]") {
  Process process(0.5);
  CHECK(process.Run(2, 0.9) == CaptureLevel::kAll);
  CHECK(process.Run(1, 0.9) == CaptureLevel::kNoFileReads);
  CHECK(process.Run(2, 0.9) == CaptureLevel::kNoFileReads);
  CHECK(process.Run(1, 0.9) == CaptureLevel::kNoFiles);
}

TEST_CASE("a peak costs nothing", "[budget]") {
  Process process(0.5);
  for (int i = 0; i < 20; ++i) {
    process.Run(2, 0.9);
    CHECK(process.Run(1, 0.4) == CaptureLevel::kAll);
  }
}

TEST_CASE("what is vital is never left out", "[budget]") {
  Process process(0.1);
  CHECK(process.Run(100, 1) == CaptureLevel::kVital);
}

TEST_CASE("ten seconds under half of the budget give one level back",
          "[budget]") {
  Process process(0.5);
  process.Run(6, 0.9);
  CHECK(process.Run(9, 0.1) == CaptureLevel::kNoFiles);
  CHECK(process.Run(1, 0.1) == CaptureLevel::kNoFileReads);
  CHECK(process.Run(10, 0.1) == CaptureLevel::kAll);
  CHECK(process.Run(100, 0.1) == CaptureLevel::kAll);
}

TEST_CASE("between half of the budget and all of it nothing changes",
          "[budget]") {
  Process process(0.5);
  process.Run(3, 0.9);
  CHECK(process.Run(100, 0.4) == CaptureLevel::kNoFileReads);
}

TEST_CASE("a look within the second changes nothing", "[budget]") {
  Process process(0.5);
  process.Run(2, 0.9);
  CHECK(process.Peek() == CaptureLevel::kAll);
  CHECK(process.Peek() == CaptureLevel::kAll);
}

TEST_CASE("without a budget everything is captured", "[budget]") {
  Process process(0);
  CHECK(process.Run(100, 4) == CaptureLevel::kAll);
}

}  // namespace gatewatch::agent
