#include "analyzer/row_checksum.h"

#include <algorithm>
#include <cstring>

namespace gatewatch::analyzer {

void RowChecksum::Add(absl::string_view bytes) {
  Mix(bytes.size());
  while (!bytes.empty()) {
    uint64_t word = 0;
    const size_t size = std::min(bytes.size(), sizeof(word));
    std::memcpy(&word, bytes.data(), size);
    Mix(word);
    bytes.remove_prefix(size);
  }
}

}  // namespace gatewatch::analyzer
