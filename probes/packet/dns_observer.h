#ifndef GATEWATCH_PROBES_PACKET_DNS_OBSERVER_H_
#define GATEWATCH_PROBES_PACKET_DNS_OBSERVER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "probes/emitter.h"
#include "probes/packet/dns_streams.h"
#include "probes/packet/packet_parser.h"

namespace gatewatch::probes {

// Which way a packet went.
enum class Direction { kIn, kOut, kLoopback };

// Makes observations of the DNS messages in packets, each with the process
// that it belongs to: the one that has the local socket when the question
// passes; an answer belongs to whom its question does.
//
// Threads: not safe. The emitter must outlive it.
// Limits:  1024 questions wait for their answer, each for 30 seconds.
class DnsObserver {
 public:
  // `owner` says who has a socket with these ends; pid 0: not known.
  DnsObserver(std::function<ProcessId(const Socket&)> owner, Emitter& emitter)
      : owner_(std::move(owner)), emitter_(emitter) {}

  void Add(const Segment& segment, Direction direction, uint64_t time_ns);

 private:
  struct Asked {
    std::string question;
    ProcessId asker;
    uint64_t time_ns = 0;
  };
  struct Order {
    std::string key;
    uint64_t time_ns = 0;
  };

  void AddMessage(absl::string_view bytes, const Segment& segment,
                  Direction direction, uint64_t time_ns);
  ProcessId Remember(const DnsMessage& question, uint64_t time_ns);
  ProcessId Match(DnsMessage& answer, uint64_t time_ns);

  const std::function<ProcessId(const Socket&)> owner_;
  Emitter& emitter_;
  DnsStreams streams_;
  uint64_t streams_dropped_ = 0;  // of these, counted as lost
  absl::flat_hash_map<std::string, Asked> asked_;
  std::deque<Order> order_;  // oldest first; may name what is answered
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PACKET_DNS_OBSERVER_H_
