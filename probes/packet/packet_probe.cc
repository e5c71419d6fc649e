#include "probes/packet/packet_probe.h"

#include <arpa/inet.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/status.h"
#include "probes/packet/dns_filter.h"

namespace gatewatch::probes {
namespace {

constexpr size_t kMaxPacket = 1 << 16;
// Asked for; what net.core.rmem_max permits is had. A packet takes about 1 KiB
// of it.
constexpr int kReceiveBuffer = 1 << 20;
constexpr uint64_t kReportIntervalNs = 1'000'000'000;

absl::StatusOr<UniqueFd> OpenPacketSocket() {
  // Protocol 0 receives nothing until the filter is there and it is bound.
  UniqueFd fd(
      ::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return ErrnoStatus(errno, "socket(AF_PACKET)");
  std::vector<sock_filter> filter = BuildDnsFilter();
  const sock_fprog program{static_cast<unsigned short>(filter.size()),
                           filter.data()};
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program,
                   sizeof(program)) != 0) {
    return ErrnoStatus(errno, "SO_ATTACH_FILTER");
  }
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer,
               sizeof(kReceiveBuffer));
  sockaddr_ll all{};
  all.sll_family = AF_PACKET;
  all.sll_protocol = htons(ETH_P_ALL);  // a narrower one sees no outgoing ones
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&all), sizeof(all)) !=
      0) {
    return ErrnoStatus(errno, "bind(AF_PACKET)");
  }
  return fd;
}

std::optional<Direction> DirectionOf(const sockaddr_ll& link) {
  const uint16_t protocol = ntohs(link.sll_protocol);
  if (protocol != ETH_P_IP && protocol != ETH_P_IPV6) return std::nullopt;
  if (link.sll_pkttype == PACKET_OTHERHOST) return std::nullopt;
  if (link.sll_hatype == ARPHRD_LOOPBACK) return Direction::kLoopback;
  return link.sll_pkttype == PACKET_OUTGOING ? Direction::kOut : Direction::kIn;
}

bool IsAny(const std::string& ip) {
  return ip.find_first_not_of('\0') == std::string::npos;
}

// How well a socket fits the ends of a packet; 0: not at all.
int Fit(const Socket& candidate, const Socket& ends) {
  if (candidate.local.port != ends.local.port) return 0;
  int fit = 1;
  if (candidate.local.ip == ends.local.ip) {
    ++fit;
  } else if (!IsAny(candidate.local.ip)) {
    return 0;
  }
  if (candidate.remote.port == 0) return fit;  // not connected
  const bool same_remote = candidate.remote.port == ends.remote.port &&
                           candidate.remote.ip == ends.remote.ip;
  return same_remote ? fit + 2 : 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PacketProbe>> PacketProbe::Start(
    Options options, ObservationQueue& queue) {
  GATEWATCH_ASSIGN_OR_RETURN(UniqueFd socket, OpenPacketSocket());
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC));
  if (!wake.valid()) return ErrnoStatus(errno, "eventfd");
  return std::unique_ptr<PacketProbe>(new PacketProbe(
      std::move(options), queue, std::move(socket), std::move(wake)));
}

PacketProbe::PacketProbe(Options options, ObservationQueue& queue,
                         UniqueFd socket, UniqueFd wake)
    : socket_(std::move(socket)),
      wake_(std::move(wake)),
      emitter_(queue),
      proc_(options.proc_root, options.fallback),
      sockets_(options.proc_root),
      owners_(proc_),
      observer_([this](const Socket& socket) { return OwnerOf(socket); },
                emitter_) {
  thread_ = std::thread(&PacketProbe::Run, this);
}

PacketProbe::~PacketProbe() { Stop(); }

void PacketProbe::Run() {
  std::string buffer(kMaxPacket, '\0');
  pollfd fds[] = {{socket_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
  while (true) {
    if (::poll(fds, 2, -1) < 0 && errno != EINTR) return;
    // First what is there: what was sent before a stop is observed.
    Receive(buffer);
    if (fds[1].revents != 0) return;
  }
}

void PacketProbe::Receive(std::string& buffer) {
  // Bounded, so that a flood does not keep the thread from ending.
  constexpr int kAtOnce = 4096;
  for (int i = 0; i < kAtOnce; ++i) {
    sockaddr_ll link{};
    socklen_t link_size = sizeof(link);
    const ssize_t got =
        ::recvfrom(socket_.get(), buffer.data(), buffer.size(), 0,
                   reinterpret_cast<sockaddr*>(&link), &link_size);
    if (got < 0 && (errno == EINTR || errno == ENETDOWN)) continue;
    if (got < 0) return;
    const auto direction = DirectionOf(link);
    if (!direction) continue;
    const auto segment = ParsePacket({buffer.data(), static_cast<size_t>(got)});
    if (segment) {
      observer_.Add(*segment, *direction, UnixNanos());
    } else {
      emitter_.CountLost("dns", 1);
    }
  }
}

ProcessId PacketProbe::OwnerOf(const Socket& socket) {
  uint64_t inode = 0;
  int best = 0;
  for (const SocketEntry& entry :
       sockets_.List(socket.protocol, socket.local.port)) {
    const int fit = Fit(entry.socket, socket);
    if (fit <= best) continue;
    best = fit;
    inode = entry.inode;
  }
  return owners_.Find(inode);
}

void PacketProbe::CountDrops() {
  tpacket_stats stats{};  // since it was last asked for
  socklen_t size = sizeof(stats);
  if (::getsockopt(socket_.get(), SOL_PACKET, PACKET_STATISTICS, &stats,
                   &size) == 0) {
    emitter_.CountLost("dns", stats.tp_drops);
  }
}

void PacketProbe::Tick() {
  absl::MutexLock lock(&mutex_);
  const uint64_t now = MonotonicNanos();
  if (stopped_ || now < next_report_ns_) return;
  next_report_ns_ = now + kReportIntervalNs;
  CountDrops();
  emitter_.ReportLost();
}

void PacketProbe::Stop() {
  absl::MutexLock lock(&mutex_);
  if (std::exchange(stopped_, true)) return;
  const uint64_t one = 1;
  GATEWATCH_CHECK(::write(wake_.get(), &one, sizeof(one)) == sizeof(one));
  thread_.join();
  CountDrops();
  emitter_.ReportLost();
}

}  // namespace gatewatch::probes
