#include "agent/throttle.h"

#include <algorithm>
#include <map>
#include <utility>

namespace gatewatch::agent {
namespace {

constexpr size_t kContainerLimit = 256;
// Never the id of a container: what those beyond the limit share.
constexpr char kOthers[] = "(others)";
constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint64_t kQuietNs = 600 * kSecondNs;

}  // namespace

Throttle::Throttle(RateLimits limits) : limits_(std::move(limits)) {}

bool Throttle::Admit(const std::string& container_id, absl::string_view name,
                     uint64_t count, uint64_t now_ns) {
  const auto limit = std::find_if(
      limits_.begin(), limits_.end(),
      [name](const RateLimit& known) { return known.name == name; });
  if (limit == limits_.end() || limit->per_second == 0) return true;
  Container& container = Find(container_id);
  container.used_ns = now_ns;
  const auto index = static_cast<size_t>(limit - limits_.begin());
  Bucket& bucket = container.buckets[index];
  const double capacity = limit->burst;
  if (bucket.filled_ns == 0) {
    bucket.tokens = capacity;
  } else if (now_ns > bucket.filled_ns) {
    const double seconds = static_cast<double>(now_ns - bucket.filled_ns) /
                           static_cast<double>(kSecondNs);
    bucket.tokens =
        std::min(capacity, bucket.tokens + seconds * limit->per_second);
  }
  bucket.filled_ns = now_ns;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return true;
  }
  bucket.refused += count;
  throttled_ += count;
  if (container.refused_since_ns == 0) container.refused_since_ns = now_ns;
  container.refused_until_ns = now_ns;
  return false;
}

Throttle::Container& Throttle::Find(const std::string& container_id) {
  const bool is_known = containers_.contains(container_id);
  const bool has_room = containers_.size() < kContainerLimit;
  Container& container =
      containers_[is_known || has_room ? container_id : kOthers];
  container.buckets.resize(limits_.size());
  return container;
}

std::vector<EnrichedEvent> Throttle::TakeReports(uint64_t now_ns, bool all) {
  std::vector<EnrichedEvent> reports;
  if (!all && now_ns < next_report_ns_) return reports;
  next_report_ns_ = now_ns + kSecondNs;
  for (auto& [id, container] : containers_) {
    if (container.refused_since_ns != 0) {
      reports.push_back(ReportOf(id, container, now_ns));
    }
  }
  absl::erase_if(containers_, [now_ns](const auto& item) {
    return item.second.used_ns + kQuietNs < now_ns;
  });
  return reports;
}

EnrichedEvent Throttle::ReportOf(const std::string& id, Container& container,
                                 uint64_t now_ns) const {
  EnrichedEvent report;
  report.event.set_time_ns(now_ns);
  report.event.set_syscall("agent");
  v1::Loss& loss = *report.event.mutable_loss();
  loss.set_reason(v1::Loss::REASON_THROTTLED);
  loss.set_container_id(id);
  loss.set_since_ns(std::exchange(container.refused_since_ns, 0));
  loss.set_until_ns(std::exchange(container.refused_until_ns, 0));
  std::map<absl::string_view, uint64_t> by_kind;
  for (size_t i = 0; i < limits_.size(); ++i) {
    const uint64_t refused = std::exchange(container.buckets[i].refused, 0);
    if (refused > 0) by_kind[KindOfRateLimit(limits_[i].name)] += refused;
  }
  for (const auto& [kind, refused] : by_kind) {
    v1::Loss::Count& count = *loss.add_counts();
    count.set_kind(kind.data(), kind.size());
    count.set_count(refused);
  }
  return report;
}

}  // namespace gatewatch::agent
