#ifndef GATEWATCH_TESTS_UNIT_PROBES_FAKE_MEMORY_H_
#define GATEWATCH_TESTS_UNIT_PROBES_FAKE_MEMORY_H_

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/strings/string_view.h"
#include "probes/syscalls/remote_memory.h"

namespace gatewatch::testing {

// The memory of a process as a test lays it out: what was never written to is
// not mapped. As with process_vm_readv(2), a read ends where the first
// unmapped page begins.
class FakeMemory : public probes::RemoteMemory {
 public:
  static constexpr uint64_t kPage = 4096;

  // Maps the pages that `bytes` will lie in, and writes them. Returns
  // `address`, to be used as an argument.
  uint64_t Write(uint64_t address, absl::string_view bytes);
  // With the NUL that ends it.
  uint64_t WriteString(uint64_t address, absl::string_view text);
  // As they are: the caller ends the array with a 0, or does not.
  uint64_t WritePointers(uint64_t address,
                         const std::vector<uint64_t>& pointers);

  absl::StatusOr<size_t> Read(probes::RemoteAddress address, void* into,
                              size_t size) const override;

 private:
  std::map<uint64_t, std::array<char, kPage>> pages_;  // by page number
};

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_UNIT_PROBES_FAKE_MEMORY_H_
