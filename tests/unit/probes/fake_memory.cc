#include "tests/unit/probes/fake_memory.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace gatewatch::testing {

uint64_t FakeMemory::Write(uint64_t address, absl::string_view bytes) {
  for (uint64_t at = address; !bytes.empty();) {
    const size_t some = std::min<size_t>(kPage - at % kPage, bytes.size());
    memcpy(pages_[at / kPage].data() + at % kPage, bytes.data(), some);
    bytes.remove_prefix(some);
    at += some;
  }
  return address;
}

uint64_t FakeMemory::WriteString(uint64_t address, absl::string_view text) {
  std::string bytes(text);
  bytes.push_back('\0');
  return Write(address, bytes);
}

uint64_t FakeMemory::WritePointers(uint64_t address,
                                   const std::vector<uint64_t>& pointers) {
  return Write(address, {reinterpret_cast<const char*>(pointers.data()),
                         pointers.size() * sizeof(uint64_t)});
}

absl::StatusOr<size_t> FakeMemory::Read(probes::RemoteAddress address,
                                        void* into, size_t size) const {
  auto at = static_cast<uint64_t>(address);
  size_t got = 0;
  while (got < size) {
    const auto page = pages_.find(at / kPage);
    if (page == pages_.end()) break;
    const size_t some = std::min<size_t>(kPage - at % kPage, size - got);
    memcpy(static_cast<char*>(into) + got, page->second.data() + at % kPage,
           some);
    got += some;
    at += some;
  }
  if (got == 0) return absl::InternalError("nothing mapped there");
  return got;
}

}  // namespace gatewatch::testing
