#include "probes/calls/fold_table.h"

#include <algorithm>
#include <utility>

namespace gatewatch::probes {
namespace {

constexpr size_t kCapacity = 8192;
constexpr uint64_t kWindowNs = 1'000'000'000;

}  // namespace

FoldTable::Call* FoldTable::Find(const Key& key, uint64_t time_ns) {
  const auto found = calls_.find(key);
  if (found == calls_.end()) return nullptr;
  Call& call = *found->second;
  return time_ns < call.first.time_ns + kWindowNs ? &call : nullptr;
}

void FoldTable::CountRepeat(Call& call, uint64_t time_ns) {
  if (call.count++ == 0) call.first_repeat_ns = time_ns;
  call.last_ns = time_ns;
}

void FoldTable::Remember(const Key& key, const Observation& first) {
  if (calls_.size() >= kCapacity) return;
  // A call whose window is over but which is not yet taken keeps its count.
  if (calls_.contains(key)) return;
  auto call = std::make_unique<Call>();
  call->object = std::string(key.object);
  call->first = first;
  Key owned = key;
  owned.object = call->object;
  calls_.emplace(owned, std::move(call));
}

std::vector<Observation> FoldTable::TakeDue(uint64_t now_ns, bool all) {
  std::vector<Observation> due;
  for (auto it = calls_.begin(); it != calls_.end();) {
    Call& call = *it->second;
    if (!all && now_ns < call.first.time_ns + kWindowNs) {
      ++it;
      continue;
    }
    if (call.count > 0) {
      Observation observation = std::move(call.first);
      observation.time_ns = call.first_repeat_ns;
      observation.count = call.count;
      observation.last_time_ns = call.last_ns;
      due.push_back(std::move(observation));
    }
    calls_.erase(it++);
  }
  std::sort(due.begin(), due.end(),
            [](const Observation& a, const Observation& b) {
              return a.time_ns < b.time_ns;
            });
  return due;
}

}  // namespace gatewatch::probes
