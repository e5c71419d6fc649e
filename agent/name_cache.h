#ifndef GATEWATCH_AGENT_NAME_CACHE_H_
#define GATEWATCH_AGENT_NAME_CACHE_H_

#include <cstdint>
#include <list>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "probes/observation.h"

namespace gatewatch::agent {

// Remembers which names addresses were resolved from, so that a connection can
// tell its peer's. One network namespace's: one agent's.
//
// An address that several names lead to has the one asked for last. A name is
// kept as long as its record lasts, but no less than ten minutes, since
// programs keep what they resolved, and no more than a day.
//
// Threads: one.
// Full:    the address longest without an answer is forgotten.
class NameCache {
 public:
  explicit NameCache(size_t capacity) : capacity_(capacity) {}

  // Takes in an answer; of a question, of an answer that nobody asked for,
  // and of one that is an error, nothing. `now_ns` is in Unix nanoseconds.
  void Learn(const probes::DnsMessage& message, uint64_t now_ns);

  // `ip`: 4 or 16 bytes. Null when no name is known. Valid until the next
  // Learn().
  const std::string* Find(const std::string& ip, uint64_t now_ns) const;

  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string name;
    uint64_t until_ns = 0;
    std::list<std::string>::iterator place;
  };

  void Record(const std::string& ip, const std::string& name,
              uint64_t until_ns);

  const size_t capacity_;
  absl::flat_hash_map<std::string, Entry> entries_;  // by address
  std::list<std::string> order_;                     // most recent last
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_NAME_CACHE_H_
