#ifndef GATEWATCH_PROBES_SYSCALLS_REMOTE_MEMORY_H_
#define GATEWATCH_PROBES_SYSCALLS_REMOTE_MEMORY_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gatewatch::probes {

// An address in another process: never to be dereferenced here.
enum class RemoteAddress : uint64_t {};

// Text that may have been cut at a limit.
struct BoundedText {
  std::string text;
  bool truncated = false;
};

// Reads the memory of a process, with process_vm_readv(2). What is read can
// change while it is read, and after: it is evidence, not proof.
class RemoteMemory {
 public:
  virtual ~RemoteMemory() = default;

  // As many of the `size` bytes as can be read from `address` on. NotFound
  // when the process is gone, Internal when not even the first byte is
  // mapped.
  virtual absl::StatusOr<size_t> Read(RemoteAddress address, void* into,
                                      size_t size) const = 0;

  // The bytes up to a NUL or `limit`.
  absl::StatusOr<BoundedText> ReadString(RemoteAddress address,
                                         size_t limit) const;

  // A NULL-terminated array of strings such as argv: at most `count_limit`
  // strings and `bytes_limit` bytes in all; `truncated` tells of a cut. An
  // array at address 0 is empty, as for execve(2).
  struct StringArray {
    std::vector<std::string> strings;
    bool truncated = false;
  };
  absl::StatusOr<StringArray> ReadStrings(RemoteAddress address,
                                          size_t count_limit,
                                          size_t bytes_limit) const;
};

// The memory of a live process.
class ProcessMemory : public RemoteMemory {
 public:
  explicit ProcessMemory(pid_t tid) : tid_(tid) {}
  absl::StatusOr<size_t> Read(RemoteAddress address, void* into,
                              size_t size) const override;

 private:
  const pid_t tid_;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SYSCALLS_REMOTE_MEMORY_H_
