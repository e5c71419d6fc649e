#ifndef GATEWATCH_PROBES_PACKET_DNS_STREAMS_H_
#define GATEWATCH_PROBES_PACKET_DNS_STREAMS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "probes/packet/packet_parser.h"

namespace gatewatch::probes {

// Finds DNS messages in TCP segments, each behind its length in two bytes
// (RFC 1035, 4.2.2), by the simplest means that serve an honest connection:
// segments in order, repeats ignored. After a gap, or a length beyond the
// limit, what is not complete is dropped and the next segment is taken to
// begin with a message; the caller finds out whether it does.
//
// Threads: not safe.
// Limits:  256 flows (one for each direction), of which the one longest
//          without a segment goes; 16 KiB a message.
class DnsStreams {
 public:
  // The messages that this segment completes.
  std::vector<std::string> Add(const Segment& segment);

  // Messages, or pieces of several, that were dropped so far.
  uint64_t dropped() const { return dropped_; }
  size_t flows() const { return flows_.size(); }

 private:
  struct Flow {
    uint32_t next = 0;   // sequence number of the byte that comes next
    std::string buffer;  // begins with a length
    uint64_t last_used = 0;
  };

  Flow& Find(const std::string& key, const Segment& segment);
  void Drop(Flow& flow);
  std::vector<std::string> TakeMessages(Flow& flow);

  absl::flat_hash_map<std::string, Flow> flows_;
  uint64_t clock_ = 0;  // counts segments
  uint64_t dropped_ = 0;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PACKET_DNS_STREAMS_H_
