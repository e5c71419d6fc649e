#include "probes/ptrace/respites.h"

#include <algorithm>

namespace gatewatch::probes {
namespace {

constexpr uint64_t kShortestNs = 1'000'000'000;
constexpr uint64_t kLongestNs = 60'000'000'000;
// What was traced for so long without standing still begins anew.
constexpr uint64_t kForgivenNs = 60'000'000'000;

uint64_t Doubled(uint64_t length_ns) {
  return std::clamp(2 * length_ns, kShortestNs, kLongestNs);
}

}  // namespace

void Respites::Begin(const ProcessId& process, uint64_t now_ns) {
  Entry& entry = entries_[process.pid];
  const bool known =
      entry.process == process && now_ns < entry.until_ns + kForgivenNs;
  if (entry.untraced && known) return;
  if (!known) entry = {process, false, 0, 0};
  entry.untraced = true;
  entry.length_ns = Doubled(entry.length_ns);
  entry.until_ns = now_ns + entry.length_ns;
}

bool Respites::IsDue(pid_t pid, uint64_t now_ns) const {
  return Has(pid) && now_ns >= entries_.at(pid).until_ns;
}

void Respites::End(pid_t pid, uint64_t now_ns) {
  const auto found = entries_.find(pid);
  if (found == entries_.end()) return;
  found->second.untraced = false;
  found->second.until_ns = now_ns;
}

void Respites::Extend(pid_t pid, uint64_t now_ns) {
  const auto found = entries_.find(pid);
  if (found == entries_.end()) return;
  found->second.length_ns = Doubled(found->second.length_ns);
  found->second.until_ns = now_ns + found->second.length_ns;
}

bool Respites::Has(pid_t pid) const {
  const auto found = entries_.find(pid);
  return found != entries_.end() && found->second.untraced;
}

std::vector<ProcessId> Respites::running() const {
  std::vector<ProcessId> running;
  for (const auto& [pid, entry] : entries_) {
    if (entry.untraced) running.push_back(entry.process);
  }
  return running;
}

bool Respites::any() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const auto& entry) { return entry.second.untraced; });
}

}  // namespace gatewatch::probes
