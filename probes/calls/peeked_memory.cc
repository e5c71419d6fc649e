#include "probes/calls/peeked_memory.h"

#include <algorithm>
#include <cstring>

#include "absl/hash/hash.h"
#include "absl/strings/match.h"

namespace gatewatch::probes {
namespace {

constexpr uint64_t kPage = 4096;

bool IsPointer(Role role) {
  switch (role) {
    case Role::kPath:
    case Role::kNewPath:
    case Role::kText:
    case Role::kOptionalText:
    case Role::kFileSystem:
    case Role::kMountPoint:
    case Role::kGroups:
    case Role::kCapabilities:
    case Role::kCloneArguments:
    case Role::kMessage:
    case Role::kOpenHow:
    case Role::kArgv:
    case Role::kEnvp:
    case Role::kSockaddr:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<size_t> PeekedMemory::Read(RemoteAddress address, void* into,
                                          size_t size) const {
  const auto at = static_cast<uint64_t>(address);
  const auto begin = static_cast<uint64_t>(begin_);
  if (size_ == 0 || at < begin || at - begin >= size_) {
    return proc_.ReadMemory(tid_, address, into, size);
  }
  const size_t held = std::min<size_t>(size, begin + size_ - at);
  memcpy(into, peeked_.data() + (at - begin), held);
  return held;
}

absl::string_view PeekedMemory::PeekPath(
    const SyscallRow& row, const RegisterArguments& arguments) const {
  const auto path = std::find(row.roles.begin(), row.roles.end(), Role::kPath);
  if (path == row.roles.end() ||
      std::count_if(row.roles.begin(), row.roles.end(), IsPointer) != 1) {
    return {};
  }
  const uint64_t address =
      arguments[static_cast<size_t>(path - row.roles.begin())];
  const size_t want =
      std::min<uint64_t>(peeked_.size(), kPage - address % kPage);
  const auto got =
      proc_.ReadMemory(tid_, RemoteAddress{address}, peeked_.data(), want);
  if (!got.ok()) return {};
  begin_ = RemoteAddress{address};
  size_ = *got;
  const size_t length = strnlen(peeked_.data(), size_);
  const absl::string_view text(peeked_.data(), length);
  const bool whole = length < size_;
  return whole && absl::StartsWith(text, "/") &&
                 !absl::StartsWith(text, "/proc")
             ? text
             : absl::string_view();
}

uint64_t HashOfRegisters(const SyscallRow& row,
                         const RegisterArguments& arguments) {
  std::array<uint64_t, 6> values = {};
  for (size_t i = 0; i < values.size(); ++i) {
    const Role role = row.roles[i];
    if (role != Role::kUnused && !IsPointer(role)) values[i] = arguments[i];
  }
  return absl::HashOf(values);
}

}  // namespace gatewatch::probes
