#ifndef GATEWATCH_DETECTION_MATCHER_BUILDER_H_
#define GATEWATCH_DETECTION_MATCHER_BUILDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "detection/compiled_condition.h"
#include "detection/matcher.h"
#include "detection/necessary_text.h"

namespace gatewatch::detection {

// Makes a Matcher of conditions.
//
// Lifetime: the conditions must outlive what Build returns.
// Limits:   conditions with more texts and types than fit in the index are
//           taken all the same, and looked at without it.
class Matcher::Builder {
 public:
  // Ids are given as they come out of Match; one has one condition.
  void Add(uint32_t id, const CompiledCondition& condition);

  Matcher Build() &&;

 private:
  // Comparisons of which at least one holds when the whole does; none:
  // nothing is known. Numbers are positions in matcher_.nodes_.
  struct Necessary {
    std::vector<uint32_t> any_of;
    double chance = 1;
  };
  // Entries of a route's indexes, by slot.
  using Entries = absl::flat_hash_map<uint32_t, std::vector<TextIndex::Entry>>;
  struct Plan {
    Entries entries;
    std::vector<uint32_t> always;
  };

  uint32_t AddNode(const CompiledCondition::Node& node);
  uint32_t AddComparison(const Comparison& comparison);
  uint32_t AddSlot(const Comparison& comparison);
  uint32_t AddChain(Expression::Kind kind, std::vector<uint32_t> children);
  uint32_t NodeOf(const std::string& key, Node node, double cost);
  Necessary NecessaryOf(uint32_t node) const;
  Necessary NecessaryOfAll(const Node& node) const;
  Necessary NecessaryOfAny(const Node& node) const;
  // The texts of the comparisons, for the index.
  void Plant(uint32_t condition, const Necessary& necessary, Plan& plan);
  static Route RouteOf(Plan plan);

  Matcher matcher_;
  absl::flat_hash_map<std::string, uint32_t> node_by_key_;
  absl::flat_hash_map<std::string, uint32_t> slot_by_key_;
  std::vector<double> costs_;         // of each node
  std::vector<NecessaryText> texts_;  // of each node
  absl::flat_hash_map<std::string, Plan> by_type_;
  Plan any_type_;
  size_t entries_ = 0;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_MATCHER_BUILDER_H_
