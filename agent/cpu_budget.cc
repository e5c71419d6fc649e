#include "agent/cpu_budget.h"

namespace gatewatch::agent {
namespace {

using probes::CaptureLevel;

constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr int kOverLimit = 3;
constexpr int kUnderLimit = 10;
constexpr double kUnderShare = 0.5;  // of the budget

CaptureLevel Step(CaptureLevel level, int by) {
  return static_cast<CaptureLevel>(static_cast<int>(level) + by);
}

}  // namespace

CaptureLevel CpuBudget::Measure(uint64_t now_ns, uint64_t cpu_ns) {
  if (share_ <= 0) return level_;
  const uint64_t elapsed = now_ns - last_ns_;
  if (last_ns_ != 0 && elapsed < kSecondNs) return level_;
  const bool is_first = last_ns_ == 0;
  const double used =
      static_cast<double>(cpu_ns - last_cpu_ns_) / static_cast<double>(elapsed);
  last_ns_ = now_ns;
  last_cpu_ns_ = cpu_ns;
  if (is_first) return level_;
  seconds_over_ = used > share_ ? seconds_over_ + 1 : 0;
  seconds_under_ = used < share_ * kUnderShare ? seconds_under_ + 1 : 0;
  if (seconds_over_ >= kOverLimit && level_ != CaptureLevel::kVital) {
    level_ = Step(level_, 1);
    seconds_over_ = 0;
  } else if (seconds_under_ >= kUnderLimit && level_ != CaptureLevel::kAll) {
    level_ = Step(level_, -1);
    seconds_under_ = 0;
  }
  return level_;
}

}  // namespace gatewatch::agent
