#include "agent/writer_map.h"

namespace gatewatch::agent {

void WriterMap::Record(uint64_t mount_namespace, const std::string& path,
                       Writer writer) {
  Key key(mount_namespace, path);
  if (const auto found = entries_.find(key); found != entries_.end()) {
    found->second.writer = std::move(writer);
    order_.splice(order_.end(), order_, found->second.place);
    return;
  }
  if (entries_.size() >= capacity_) {
    entries_.erase(order_.front());
    order_.pop_front();
  }
  const auto place = order_.insert(order_.end(), key);
  entries_.emplace(std::move(key), Entry{std::move(writer), place});
}

const WriterMap::Writer* WriterMap::Find(uint64_t mount_namespace,
                                         const std::string& path) const {
  const auto found = entries_.find(Key(mount_namespace, path));
  return found == entries_.end() ? nullptr : &found->second.writer;
}

}  // namespace gatewatch::agent
