#ifndef GATEWATCH_PROBES_CALLS_PEEKED_MEMORY_H_
#define GATEWATCH_PROBES_CALLS_PEEKED_MEMORY_H_

#include <array>

#include "absl/strings/string_view.h"
#include "probes/procfs/proc_reader.h"
#include "probes/syscalls/decoder.h"
#include "probes/syscalls/remote_memory.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {

// The memory of a waiting thread, with what was peeked at kept: reading
// another process costs more than anything else that is done for a call, and
// the path that tells a repeat is the path that is decoded when it is none.
//
// Threads: one; the object lives for one call.
class PeekedMemory : public RemoteMemory {
 public:
  // `proc` must outlive it.
  PeekedMemory(const ProcReader& proc, pid_t tid) : proc_(proc), tid_(tid) {}

  absl::StatusOr<size_t> Read(RemoteAddress address, void* into,
                              size_t size) const override;

  // The path argument of a call whose only pointer it is, when it is absolute,
  // short and means the same to every thread (not below /proc); else empty.
  // Valid as long as this object.
  absl::string_view PeekPath(const SyscallRow& row,
                             const RegisterArguments& arguments) const;

 private:
  const ProcReader& proc_;
  const pid_t tid_;
  mutable std::array<char, 256> peeked_;
  mutable RemoteAddress begin_{0};
  mutable size_t size_ = 0;
};

// A hash of the arguments that are no pointers.
uint64_t HashOfRegisters(const SyscallRow& row,
                         const RegisterArguments& arguments);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_CALLS_PEEKED_MEMORY_H_
