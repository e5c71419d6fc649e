#include "probes/procfs/socket_owners.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/clock.h"

namespace gatewatch::probes {
namespace {

constexpr size_t kMaxPlaces = 16384;
constexpr size_t kMaxRecent = 4;
constexpr int64_t kShare = 10;  // one part of so many of the time
constexpr int64_t kMaxAllowanceNs = 100'000'000;

}  // namespace

ProcessId SocketOwners::FindKnown(uint64_t inode) {
  const auto found = places_.find(inode);
  if (found == places_.end()) return {};
  const Place place = found->second;
  // The kernel gives an inode's number again only after four thousand million
  // others: a process that still has it is the one that was meant.
  const auto link =
      proc_.Link(place.pid, absl::StrCat("fd/", place.fd).c_str());
  const auto stat = proc_.Stat(place.pid);
  if (!link.ok() || !stat.ok() ||
      *link != absl::StrCat("socket:[", inode, "]")) {
    places_.erase(found);
    return {};
  }
  const auto recent = std::find(recent_.begin(), recent_.end(), place.pid);
  if (recent != recent_.end()) recent_.erase(recent);
  recent_.push_front(place.pid);
  if (recent_.size() > kMaxRecent) recent_.pop_back();
  return {place.pid, stat->start_ticks};
}

bool SocketOwners::MaySearch() {
  const uint64_t now = MonotonicNanos();
  const auto elapsed = static_cast<int64_t>(now - updated_ns_);
  allowance_ns_ = updated_ns_ == 0 ? kMaxAllowanceNs
                                   : std::min(allowance_ns_ + elapsed / kShare,
                                              kMaxAllowanceNs);
  updated_ns_ = now;
  return allowance_ns_ > 0;
}

void SocketOwners::LookThrough(pid_t pid) {
  for (const SocketDescriptor& socket : proc_.Sockets(pid)) {
    if (places_.size() == kMaxPlaces) return;
    places_.try_emplace(socket.inode, Place{pid, socket.fd});
  }
}

ProcessId SocketOwners::Find(uint64_t inode) {
  if (inode == 0) return {};
  if (const ProcessId known = FindKnown(inode); known.pid != 0) return known;
  if (!MaySearch()) return {};
  const uint64_t begin = MonotonicNanos();
  for (const pid_t pid : recent_) LookThrough(pid);
  if (!places_.contains(inode)) {
    places_.clear();  // what is still there is found again
    for (const pid_t pid : proc_.Pids()) LookThrough(pid);
  }
  allowance_ns_ -= static_cast<int64_t>(MonotonicNanos() - begin);
  return FindKnown(inode);
}

}  // namespace gatewatch::probes
