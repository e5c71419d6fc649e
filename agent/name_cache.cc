#include "agent/name_cache.h"

#include <algorithm>

namespace gatewatch::agent {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kShortest = 600;
constexpr uint64_t kLongest = 24 * 3600;

}  // namespace

void NameCache::Learn(const probes::DnsMessage& message, uint64_t now_ns) {
  if (!message.response || !message.solicited || message.rcode != 0 ||
      message.questions.empty()) {
    return;
  }
  for (const probes::DnsRecord& answer : message.answers) {
    if (answer.ip.empty()) continue;
    // What was asked for, also where aliases lead elsewhere: that is what the
    // program means to reach.
    const uint64_t lasts =
        std::clamp<uint64_t>(answer.ttl, kShortest, kLongest);
    Record(answer.ip, message.questions[0].name, now_ns + lasts * kSecond);
  }
}

void NameCache::Record(const std::string& ip, const std::string& name,
                       uint64_t until_ns) {
  if (const auto found = entries_.find(ip); found != entries_.end()) {
    found->second.name = name;
    found->second.until_ns = until_ns;
    order_.splice(order_.end(), order_, found->second.place);
    return;
  }
  if (entries_.size() >= capacity_) {
    entries_.erase(order_.front());
    order_.pop_front();
  }
  const auto place = order_.insert(order_.end(), ip);
  entries_.emplace(ip, Entry{name, until_ns, place});
}

const std::string* NameCache::Find(const std::string& ip,
                                   uint64_t now_ns) const {
  const auto found = entries_.find(ip);
  if (found == entries_.end() || found->second.until_ns < now_ns) {
    return nullptr;
  }
  return &found->second.name;
}

}  // namespace gatewatch::agent
