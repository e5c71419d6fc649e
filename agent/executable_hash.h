#ifndef GATEWATCH_AGENT_EXECUTABLE_HASH_H_
#define GATEWATCH_AGENT_EXECUTABLE_HASH_H_

#include <cstdint>
#include <list>
#include <string>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "base/unique_fd.h"
#include "probes/observation.h"

namespace gatewatch::agent {

// Computes SHA-256 of executed files, after the process went on: the workload
// never waits for it, its events do for the time of the reading. A file is
// known by device, inode and times, so that each is read once. It is found
// through the process, or, when that has ended, by its path in the roots of
// the process and its parent; what is found has to have the inode and the
// times that the process's file had.
//
// Threads: one.
// Limits:  a file of more than 64 MiB, or one too many for what may be read a
//          second, has no hash; a later exec of it may bring one.
class ExecutableHash {
 public:
  struct Options {
    std::string proc_root = "/proc";
    uint64_t bytes_a_second = 64 << 20;
    uint64_t bytes_at_once = 256 << 20;
  };

  explicit ExecutableHash(Options options);

  // In lowercase hexadecimal; empty when it cannot be had. `now_ns` is a
  // monotonic time.
  std::string Of(const probes::ProcessSnapshot& process, uint64_t now_ns);
  // The same when it is known already.
  std::string Known(const probes::Executable& file);

 private:
  using Key = std::tuple<uint64_t, uint64_t, uint64_t, uint64_t>;
  struct Entry {
    std::string hash;
    std::list<Key>::iterator place;
  };

  static Key KeyOf(const probes::Executable& file);
  UniqueFd Find(const probes::ProcessSnapshot& process) const;
  // Whether that many bytes may be read now.
  bool Take(uint64_t bytes, uint64_t now_ns);
  void Remember(const Key& key, const std::string& hash);

  const Options options_;
  uint64_t allowance_;
  uint64_t allowance_ns_ = 0;
  absl::flat_hash_map<Key, Entry> known_;
  std::list<Key> order_;  // longest unused first
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_EXECUTABLE_HASH_H_
