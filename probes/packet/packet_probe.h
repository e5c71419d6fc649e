#ifndef GATEWATCH_PROBES_PACKET_PACKET_PROBE_H_
#define GATEWATCH_PROBES_PACKET_PACKET_PROBE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/unique_fd.h"
#include "probes/emitter.h"
#include "probes/packet/dns_observer.h"
#include "probes/probe.h"
#include "probes/procfs/socket_lister.h"
#include "probes/procfs/socket_owners.h"

namespace gatewatch::probes {

// Observes DNS questions and answers (DnsMessage, call "dns") on all
// interfaces of this network namespace with a packet socket whose filter
// passes port 53 alone. Needs CAP_NET_RAW; sends nothing, holds up nothing.
//
// Not seen: what BuildDnsFilter() names; DNS over TLS, HTTPS or other ports;
// a TCP connection's messages around a lost or reordered segment. What is no
// DNS message is counted as lost. A packet that is forwarded from one
// interface to another is seen on each.
// The process is known where its socket is still there when the question is
// read, and its descriptors may be read; else the observation has no actor.
//
// Threads:   one of its own reads; Tick(), Stop() and counters() from any.
// Ownership: the queue and the fallback must outlive it.
// Full:      see Probe; so are packets that the kernel drops when its buffer
//            is full.
class PacketProbe : public Probe {
 public:
  struct Options {
    // Where procfs is mounted and what else to ask, as for ProcReader.
    std::string proc_root = "/proc";
    ProcFallback* fallback = nullptr;
  };

  // PermissionDenied without CAP_NET_RAW.
  static absl::StatusOr<std::unique_ptr<PacketProbe>> Start(
      Options options, ObservationQueue& queue);
  ~PacketProbe() override;  // as Stop()

  void Tick() override ABSL_LOCKS_EXCLUDED(mutex_);
  void Stop() override ABSL_LOCKS_EXCLUDED(mutex_);
  ProbeCounters counters() const override { return emitter_.counters(); }

 private:
  PacketProbe(Options options, ObservationQueue& queue, UniqueFd socket,
              UniqueFd wake);

  void Run();
  void Receive(std::string& buffer);
  void CountDrops();
  ProcessId OwnerOf(const Socket& socket);

  const UniqueFd socket_;
  const UniqueFd wake_;  // an eventfd: becomes readable to end the thread
  Emitter emitter_;
  // The thread's alone.
  const ProcReader proc_;
  SocketLister sockets_;
  SocketOwners owners_;
  DnsObserver observer_;

  absl::Mutex mutex_;
  uint64_t next_report_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PACKET_PACKET_PROBE_H_
