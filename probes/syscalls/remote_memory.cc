#include "probes/syscalls/remote_memory.h"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/status.h"

namespace gatewatch::probes {
namespace {

constexpr size_t kPage = 4096;
// Most strings are short: the first read asks for this much and no more.
constexpr size_t kFirstRead = 256;

RemoteAddress Advance(RemoteAddress address, size_t by) {
  return static_cast<RemoteAddress>(static_cast<uint64_t>(address) + by);
}

// Reads that do not cross into a page that may be unmapped.
size_t ToPageEnd(RemoteAddress address) {
  return kPage - static_cast<uint64_t>(address) % kPage;
}

}  // namespace

absl::StatusOr<BoundedText> RemoteMemory::ReadString(RemoteAddress address,
                                                     size_t limit) const {
  BoundedText result;
  size_t want = kFirstRead;
  std::array<char, kPage> chunk;
  while (result.text.size() < limit) {
    want = std::min({want, ToPageEnd(address), limit - result.text.size()});
    GATEWATCH_ASSIGN_OR_RETURN(const size_t got,
                               Read(address, chunk.data(), want));
    const size_t length = strnlen(chunk.data(), got);
    result.text.append(chunk.data(), length);
    if (length < got) return result;
    address = Advance(address, got);
    want = kPage;
  }
  result.truncated = true;
  return result;
}

absl::StatusOr<RemoteMemory::StringArray> RemoteMemory::ReadStrings(
    RemoteAddress address, size_t count_limit, size_t bytes_limit) const {
  StringArray result;
  if (address == RemoteAddress{0}) return result;
  std::array<uint64_t, 64> pointers;
  while (true) {
    // The kernel takes an array at any address: a page end may split a pointer.
    const size_t want =
        std::clamp(ToPageEnd(address), sizeof(uint64_t), sizeof(pointers));
    GATEWATCH_ASSIGN_OR_RETURN(const size_t got,
                               Read(address, pointers.data(), want));
    if (got < sizeof(uint64_t)) return absl::InternalError("a pointer is cut");
    for (size_t i = 0; i < got / sizeof(uint64_t); ++i) {
      if (pointers[i] == 0) return result;
      if (result.strings.size() >= count_limit || bytes_limit == 0) {
        result.truncated = true;
        return result;
      }
      GATEWATCH_ASSIGN_OR_RETURN(
          BoundedText string,
          ReadString(static_cast<RemoteAddress>(pointers[i]), bytes_limit));
      bytes_limit -= std::min(bytes_limit, string.text.size() + 1);
      result.truncated |= string.truncated;
      result.strings.push_back(std::move(string.text));
    }
    address = Advance(address, got / sizeof(uint64_t) * sizeof(uint64_t));
  }
}

absl::StatusOr<size_t> ProcessMemory::Read(RemoteAddress address, void* into,
                                           size_t size) const {
  iovec local{into, size};
  iovec remote{reinterpret_cast<void*>(static_cast<uint64_t>(address)), size};
  const ssize_t got = ::process_vm_readv(tid_, &local, 1, &remote, 1, 0);
  if (got < 0) return ErrnoStatus(errno, "process_vm_readv", tid_);
  if (got == 0) return absl::InternalError("nothing mapped there");
  return static_cast<size_t>(got);
}

}  // namespace gatewatch::probes
