#include "analyzer/loss_batch.h"

namespace gatewatch::analyzer {
namespace {

constexpr char kAnyKind[] = "event";

}  // namespace

v1::Loss LossOf(v1::Loss::Reason reason, uint64_t count, uint64_t since_ns,
                uint64_t until_ns) {
  v1::Loss loss;
  loss.set_reason(reason);
  v1::Loss::Count& counted = *loss.add_counts();
  counted.set_kind(kAnyKind);
  counted.set_count(count);
  loss.set_since_ns(since_ns);
  loss.set_until_ns(until_ns);
  return loss;
}

v1::Batch LossBatch(const v1::Loss& loss, uint64_t sequence) {
  v1::Batch batch;
  v1::Event& event = *batch.add_events();
  event.set_sequence(sequence);
  event.set_time_ns(loss.until_ns());
  event.set_syscall("agent");
  *event.mutable_loss() = loss;
  return batch;
}

}  // namespace gatewatch::analyzer
