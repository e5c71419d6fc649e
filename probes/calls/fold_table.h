#ifndef GATEWATCH_PROBES_CALLS_FOLD_TABLE_H_
#define GATEWATCH_PROBES_CALLS_FOLD_TABLE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "probes/observation.h"

namespace gatewatch::probes {

// Counts repeats of a call instead of observing each: the same image of a
// process, call and object within a second. The first is observed as it
// comes; the others become one observation with a count when the second is
// over.
//
// Threads: not safe. Full: further calls are simply not folded.
class FoldTable {
 public:
  // What is the same in a repeat. `object` is borrowed.
  struct Key {
    ProcessId process;
    uint32_t image = 0;  // tells a process from what it executes next
    int syscall = 0;
    int error = 0;           // as in Outcome
    uint64_t arguments = 0;  // a hash of what else tells two calls apart
    absl::string_view object;

    friend bool operator==(const Key&, const Key&) = default;
    template <typename H>
    friend H AbslHashValue(H hash, const Key& key) {
      return H::combine(std::move(hash), key.process, key.image, key.syscall,
                        key.error, key.arguments, key.object);
    }
  };

  // A call that is remembered. Valid until TakeDue().
  class Call {
    friend FoldTable;
    std::string object;  // what the key borrows
    Observation first;
    uint64_t count = 0;
    uint64_t first_repeat_ns = 0;
    uint64_t last_ns = 0;
  };

  // The call that one at `time_ns` would repeat; null: none is remembered.
  Call* Find(const Key& key, uint64_t time_ns);

  // Counts a repeat at `time_ns`.
  static void CountRepeat(Call& call, uint64_t time_ns);

  // Remembers a call that was just observed.
  void Remember(const Key& key, const Observation& first);

  // The repeats of calls first seen more than a second before `now_ns`, or of
  // all calls with `all`; they are forgotten.
  std::vector<Observation> TakeDue(uint64_t now_ns, bool all = false);

 private:
  absl::flat_hash_map<Key, std::unique_ptr<Call>> calls_;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_CALLS_FOLD_TABLE_H_
