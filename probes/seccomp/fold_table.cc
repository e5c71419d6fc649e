#include "probes/seccomp/fold_table.h"

#include <algorithm>
#include <utility>

namespace gatewatch::probes {
namespace {

constexpr size_t kCapacity = 8192;
constexpr uint64_t kWindowNs = 1'000'000'000;

}  // namespace

bool FoldTable::CountRepeat(const Key& key, uint64_t time_ns) {
  const auto found = calls_.find(key);
  if (found == calls_.end()) return false;
  Repeats& repeats = *found->second;
  if (time_ns >= repeats.first.time_ns + kWindowNs) return false;
  if (repeats.count++ == 0) repeats.first_repeat_ns = time_ns;
  repeats.last_ns = time_ns;
  return true;
}

void FoldTable::Remember(const Key& key, const Observation& first) {
  if (calls_.size() >= kCapacity) return;
  // A call whose window is over but which is not yet taken keeps its count.
  if (calls_.contains(key)) return;
  auto repeats = std::make_unique<Repeats>(
      Repeats{.object = std::string(key.object), .first = first});
  Key owned = key;
  owned.object = repeats->object;
  calls_.emplace(owned, std::move(repeats));
}

std::vector<Observation> FoldTable::TakeDue(uint64_t now_ns, bool all) {
  std::vector<Observation> due;
  for (auto it = calls_.begin(); it != calls_.end();) {
    Repeats& repeats = *it->second;
    if (!all && now_ns < repeats.first.time_ns + kWindowNs) {
      ++it;
      continue;
    }
    if (repeats.count > 0) {
      Observation observation = std::move(repeats.first);
      observation.time_ns = repeats.first_repeat_ns;
      observation.count = repeats.count;
      observation.last_time_ns = repeats.last_ns;
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
