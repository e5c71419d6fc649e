#ifndef GATEWATCH_ANALYZER_LIFE_SPANS_H_
#define GATEWATCH_ANALYZER_LIFE_SPANS_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"

namespace gatewatch::analyzer {

// What is stored of one life of an agent: the numbers of its events.
struct LifeSpan {
  uint64_t first = 0;  // 0: none
  uint64_t last = 0;
  uint64_t last_time_ns = 0;  // of the event numbered `last`

  void Include(const LifeSpan& other);
};

// By agent and epoch.
using LifeSpans = absl::btree_map<std::pair<std::string, uint64_t>, LifeSpan>;

// Adds what the partition at `path` holds. DATA_LOSS: it is damaged.
absl::Status AddLifeSpans(const std::string& path, LifeSpans& spans);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_LIFE_SPANS_H_
