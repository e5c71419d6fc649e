#include "probes/packet/dns_streams.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace gatewatch::probes {
namespace {

constexpr size_t kMaxFlows = 256;
constexpr size_t kMaxMessage = 16 << 10;
constexpr size_t kPrefix = 2;

// Both addresses have the same length, so that no two flows share a key.
std::string KeyOf(const Segment& segment) {
  return absl::StrCat(segment.source.ip, segment.destination.ip,
                      segment.source.port, ":", segment.destination.port);
}

}  // namespace

DnsStreams::Flow& DnsStreams::Find(const std::string& key,
                                   const Segment& segment) {
  const auto [found, is_new] = flows_.try_emplace(key);
  Flow& flow = found->second;
  flow.last_used = ++clock_;
  if (is_new) flow.next = segment.sequence;
  if (segment.syn) {
    if (!flow.buffer.empty()) Drop(flow);
    flow.next = segment.sequence + 1;
  }
  return flow;
}

void DnsStreams::Drop(Flow& flow) {
  ++dropped_;
  flow.buffer.clear();
}

std::vector<std::string> DnsStreams::TakeMessages(Flow& flow) {
  std::vector<std::string> messages;
  size_t begin = 0;
  while (flow.buffer.size() - begin >= kPrefix) {
    const size_t length =
        static_cast<size_t>(static_cast<uint8_t>(flow.buffer[begin])) << 8 |
        static_cast<uint8_t>(flow.buffer[begin + 1]);
    if (length > kMaxMessage) {
      Drop(flow);
      return messages;
    }
    if (flow.buffer.size() - begin < kPrefix + length) break;
    messages.push_back(flow.buffer.substr(begin + kPrefix, length));
    begin += kPrefix + length;
  }
  flow.buffer.erase(0, begin);
  return messages;
}

std::vector<std::string> DnsStreams::Add(const Segment& segment) {
  const std::string key = KeyOf(segment);
  if (!flows_.contains(key)) {
    if (segment.payload.empty() && !segment.syn) return {};
    if (flows_.size() == kMaxFlows) {
      const auto oldest = std::min_element(
          flows_.begin(), flows_.end(), [](const auto& a, const auto& b) {
            return a.second.last_used < b.second.last_used;
          });
      if (!oldest->second.buffer.empty()) Drop(oldest->second);
      flows_.erase(oldest);
    }
  }
  Flow& flow = Find(key, segment);
  absl::string_view payload = segment.payload;
  const uint32_t begin = segment.sequence + (segment.syn ? 1 : 0);
  // Sequence numbers wrap; half of their space lies before, half behind.
  const auto ahead = static_cast<int32_t>(begin - flow.next);
  if (ahead < 0) {
    payload.remove_prefix(std::min<size_t>(payload.size(), -int64_t{ahead}));
  }
  std::vector<std::string> messages;
  if (!payload.empty()) {
    if (ahead > 0) Drop(flow);
    flow.next = begin + static_cast<uint32_t>(segment.payload.size());
    if (segment.cut) {
      Drop(flow);
    } else {
      flow.buffer.append(payload.data(), payload.size());
      messages = TakeMessages(flow);
    }
  }
  if (segment.ends) {
    if (!flow.buffer.empty()) Drop(flow);
    flows_.erase(key);
  }
  return messages;
}

}  // namespace gatewatch::probes
