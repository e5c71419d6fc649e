#include "probes/ptrace/signal_progress.h"

namespace gatewatch::probes {
namespace {

// Few enough that a thread which stands still does so for a moment only; many
// enough that one which is interrupted twice in a tight loop is not taken for
// one. With a quarter of them lost the thread is on the brink.
constexpr int kSignals = 64;
constexpr int kFruitless = kSignals / 4;

}  // namespace

void SignalProgress::LeftCall(bool sigreturn, Place place) {
  resumed_at_ = sigreturn ? place : Place{};
}

bool SignalProgress::Interrupted(Place place) {
  if (resumed_at_ == place) ++fruitless_;
  resumed_at_ = {};
  if (++signals_ < kSignals) return false;
  const bool stands_still = fruitless_ >= kFruitless;
  signals_ = fruitless_ = 0;
  return stands_still;
}

}  // namespace gatewatch::probes
