#ifndef GATEWATCH_AGENT_WRITER_MAP_H_
#define GATEWATCH_AGENT_WRITER_MAP_H_

#include <cstdint>
#include <list>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "gatewatch/v1/event.pb.h"

namespace gatewatch::agent {

// Remembers which process last opened each path for writing, so that an
// executed file can name where it came from.
//
// Threads: one.
// Full:    the path longest without news is forgotten.
class WriterMap {
 public:
  struct Writer {
    v1::ProcessRef process;
    std::string name;  // comm
  };

  explicit WriterMap(size_t capacity) : capacity_(capacity) {}

  // `mount_namespace` is the inode of the one that `path` is meant in.
  void Record(uint64_t mount_namespace, const std::string& path, Writer writer);
  // Null when none is known. Valid until the next Record().
  const Writer* Find(uint64_t mount_namespace, const std::string& path) const;

  size_t size() const { return entries_.size(); }

 private:
  using Key = std::pair<uint64_t, std::string>;
  struct Entry {
    Writer writer;
    std::list<Key>::iterator place;
  };

  const size_t capacity_;
  absl::flat_hash_map<Key, Entry> entries_;
  std::list<Key> order_;  // most recent last
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_WRITER_MAP_H_
