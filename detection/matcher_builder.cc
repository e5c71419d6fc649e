#include "detection/matcher_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace gatewatch::detection {
namespace {

// A few conditions with many texts for many types must not fill the memory.
constexpr size_t kEntriesOfCondition = 100'000;
constexpr size_t kEntries = 4'000'000;
// Longer chains are not copied into what they are part of: a macro of many may
// be part of many.
constexpr uint32_t kFlattenLimit = 16;

// What a comparison costs once its left side is read, roughly in nanoseconds.
struct Cost {
  Operator op;
  double each;  // of the values on the right
};
constexpr Cost kCosts[] = {
    {Operator::kContains, 20},      {Operator::kContainsIgnoringCase, 20},
    {Operator::kGlob, 100},         {Operator::kGlobIgnoringCase, 150},
    {Operator::kRegex, 200},        {Operator::kPathMatch, 300},
    {Operator::kContainsBytes, 20}, {Operator::kLike, 50},
    {Operator::kSearch, 200},       {Operator::kLikeIgnoringCase, 50},
    {Operator::kInBlock, 50},
};
constexpr double kUsualCost = 3;
constexpr double kReadCost = 10;
// Anything beyond makes no difference, and a sum stays a number.
constexpr double kHighestCost = 1e9;

double CostOf(const Comparison& comparison) {
  const auto* const row = std::find_if(
      std::begin(kCosts), std::end(kCosts),
      [&](const Cost& cost) { return cost.op == comparison.op(); });
  const double each = row == std::end(kCosts) ? kUsualCost : row->each;
  const bool hashed = comparison.op() == Operator::kIn &&
                      comparison.left().type() == ValueType::kText;
  const auto literals = comparison.literals();
  const size_t count = hashed || !literals ? 1 : literals->size();
  return kReadCost + each * static_cast<double>(count);
}

}  // namespace

void Matcher::Builder::Add(uint32_t id, const CompiledCondition& condition) {
  const auto position = static_cast<uint32_t>(matcher_.conditions_.size());
  const uint32_t root = AddNode(condition.root());
  matcher_.conditions_.push_back({id, root});
  const EventTypes& types = condition.types();
  Necessary necessary = NecessaryOf(root);
  size_t texts = 0;
  for (const uint32_t node : necessary.any_of) {
    texts += texts_[node].any_of.size();
  }
  const size_t entries = texts * (types.all_but ? 1 : types.names.size());
  if (entries > kEntriesOfCondition || entries_ + entries > kEntries) {
    necessary.any_of.clear();
  } else {
    entries_ += entries;
  }
  if (types.all_but) return Plant(position, necessary, any_type_);
  for (const std::string& type : types.names) {
    Plant(position, necessary, by_type_[type]);
  }
}

Matcher Matcher::Builder::Build() && {
  for (auto& [type, plan] : by_type_) {
    matcher_.by_type_[type] = RouteOf(std::move(plan));
  }
  matcher_.any_type_ = RouteOf(std::move(any_type_));
  return std::move(matcher_);
}

uint32_t Matcher::Builder::AddNode(const CompiledCondition::Node& node) {
  if (node.kind == Expression::Kind::kComparison) {
    return AddComparison(*node.comparison);
  }
  std::vector<uint32_t> children;
  for (const CompiledCondition::Node& child : node.children) {
    const uint32_t added = AddNode(child);
    // "a and (b and c)" is one chain, so that all of it can be put in order.
    const Node& inner = matcher_.nodes_[added];
    if (inner.kind == node.kind && node.kind != Expression::Kind::kNot &&
        inner.count <= kFlattenLimit) {
      const auto first = matcher_.children_.begin() + inner.first;
      children.insert(children.end(), first, first + inner.count);
    } else {
      children.push_back(added);
    }
  }
  return AddChain(node.kind, std::move(children));
}

uint32_t Matcher::Builder::AddChain(Expression::Kind kind,
                                    std::vector<uint32_t> children) {
  std::sort(children.begin(), children.end());
  children.erase(std::unique(children.begin(), children.end()), children.end());
  const std::string key = absl::StrCat("#", static_cast<int>(kind), " ",
                                       absl::StrJoin(children, ","));
  const auto known = node_by_key_.find(key);
  if (known != node_by_key_.end()) return known->second;
  std::stable_sort(
      children.begin(), children.end(),
      [this](uint32_t a, uint32_t b) { return costs_[a] < costs_[b]; });
  double cost = 1;
  for (const uint32_t child : children) cost += costs_[child];
  Node node;
  node.kind = kind;
  node.first = static_cast<uint32_t>(matcher_.children_.size());
  node.count = static_cast<uint32_t>(children.size());
  matcher_.children_.insert(matcher_.children_.end(), children.begin(),
                            children.end());
  texts_.emplace_back();
  return NodeOf(key, node, std::min(cost, kHighestCost));
}

uint32_t Matcher::Builder::AddComparison(const Comparison& comparison) {
  const auto known = node_by_key_.find(comparison.key());
  if (known != node_by_key_.end()) return known->second;
  Node node;
  node.comparison = &comparison;
  node.slot = AddSlot(comparison);
  texts_.push_back(NecessaryTextOf(comparison));
  return NodeOf(comparison.key(), node, CostOf(comparison));
}

uint32_t Matcher::Builder::AddSlot(const Comparison& comparison) {
  const auto [slot, added] = slot_by_key_.emplace(
      comparison.left_key(), static_cast<uint32_t>(matcher_.slots_.size()));
  if (added) matcher_.slots_.push_back({&comparison.left()});
  return slot->second;
}

uint32_t Matcher::Builder::NodeOf(const std::string& key, Node node,
                                  double cost) {
  const auto number = static_cast<uint32_t>(matcher_.nodes_.size());
  matcher_.nodes_.push_back(node);
  costs_.push_back(cost);
  node_by_key_.emplace(key, number);
  return number;
}

Matcher::Builder::Necessary Matcher::Builder::NecessaryOf(uint32_t node) const {
  const Node& of = matcher_.nodes_[node];
  switch (of.kind) {
    case Expression::Kind::kAnd:
      return NecessaryOfAll(of);
    case Expression::Kind::kOr:
      return NecessaryOfAny(of);
    case Expression::Kind::kNot:
    case Expression::Kind::kMacro:
      return {};
    case Expression::Kind::kComparison:
      break;
  }
  if (texts_[node].any_of.empty()) return {};
  return {{node}, texts_[node].chance};
}

// The one that most seldom holds.
Matcher::Builder::Necessary Matcher::Builder::NecessaryOfAll(
    const Node& node) const {
  Necessary best;
  for (uint32_t i = 0; i < node.count; ++i) {
    Necessary part = NecessaryOf(matcher_.children_[node.first + i]);
    if (!part.any_of.empty() && part.chance < best.chance) {
      best = std::move(part);
    }
  }
  return best;
}

Matcher::Builder::Necessary Matcher::Builder::NecessaryOfAny(
    const Node& node) const {
  Necessary all;
  all.chance = 0;
  for (uint32_t i = 0; i < node.count; ++i) {
    Necessary part = NecessaryOf(matcher_.children_[node.first + i]);
    if (part.any_of.empty()) return {};
    if (part.any_of.size() > all.any_of.size()) {
      std::swap(part.any_of, all.any_of);
    }
    all.any_of.insert(all.any_of.end(), part.any_of.begin(), part.any_of.end());
    all.chance += part.chance;
  }
  // Better than nothing, however frequent.
  all.chance = std::min(all.chance, 0.95);
  return all;
}

void Matcher::Builder::Plant(uint32_t condition, const Necessary& necessary,
                             Plan& plan) {
  if (necessary.any_of.empty()) plan.always.push_back(condition);
  for (const uint32_t node : necessary.any_of) {
    std::vector<TextIndex::Entry>& entries =
        plan.entries[matcher_.nodes_[node].slot];
    for (const TextPattern& pattern : texts_[node].any_of) {
      entries.push_back({pattern, condition});
    }
  }
}

Matcher::Route Matcher::Builder::RouteOf(Plan plan) {
  Route route;
  route.always = std::move(plan.always);
  for (auto& [slot, entries] : plan.entries) {
    route.indexed.push_back({slot, TextIndex(std::move(entries))});
  }
  return route;
}

}  // namespace gatewatch::detection
