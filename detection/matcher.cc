#include "detection/matcher.h"

#include <algorithm>

namespace gatewatch::detection {
namespace {

// Numbers of events are of 31 bits, see Scratch::nodes_.
constexpr uint32_t kLastEvent = UINT32_MAX >> 1;

}  // namespace

void Matcher::Scratch::Begin(const Matcher& matcher) {
  const bool fits = slots_.size() == matcher.slots_.size() &&
                    nodes_.size() == matcher.nodes_.size() &&
                    tried_.size() == matcher.conditions_.size();
  if (!fits || event_ == kLastEvent) {
    slots_.assign(matcher.slots_.size(), {});
    nodes_.assign(matcher.nodes_.size(), 0);
    tried_.assign(matcher.conditions_.size(), 0);
    event_ = 0;
  }
  ++event_;
  matches_.clear();
}

absl::Span<const uint32_t> Matcher::Match(const EventView& event,
                                          Scratch& scratch) const {
  scratch.Begin(*this);
  const auto typed = by_type_.find(event.event->syscall());
  if (typed != by_type_.end()) Follow(typed->second, event, scratch);
  // Conditions that name no type are about what agents see.
  if (event.json == nullptr) Follow(any_type_, event, scratch);
  std::sort(scratch.matches_.begin(), scratch.matches_.end());
  return scratch.matches_;
}

void Matcher::Follow(const Route& route, const EventView& event,
                     Scratch& scratch) const {
  scratch.candidates_.clear();
  for (const Route::Indexed& indexed : route.indexed) {
    for (const Value& value : Read(indexed.slot, event, scratch)) {
      indexed.index.Find(value.text, scratch.text_, scratch.candidates_);
    }
  }
  for (const uint32_t condition : scratch.candidates_) {
    Try(condition, event, scratch);
  }
  for (const uint32_t condition : route.always) Try(condition, event, scratch);
}

void Matcher::Try(uint32_t condition, const EventView& event,
                  Scratch& scratch) const {
  uint32_t& tried = scratch.tried_[condition];
  if (tried == scratch.event_) return;
  tried = scratch.event_;
  if (Evaluate(conditions_[condition].root, event, scratch)) {
    scratch.matches_.push_back(conditions_[condition].id);
  }
}

bool Matcher::Evaluate(uint32_t node, const EventView& event,
                       Scratch& scratch) const {
  uint32_t& known = scratch.nodes_[node];
  if (known >> 1 == scratch.event_) return (known & 1) != 0;
  const bool holds = EvaluateNode(nodes_[node], event, scratch);
  known = scratch.event_ << 1 | (holds ? 1 : 0);
  return holds;
}

bool Matcher::EvaluateNode(const Node& node, const EventView& event,
                           Scratch& scratch) const {
  const absl::Span<const uint32_t> children(children_.data() + node.first,
                                            node.count);
  const auto holds = [&](uint32_t child) {
    return Evaluate(child, event, scratch);
  };
  switch (node.kind) {
    case Expression::Kind::kAnd:
      return std::all_of(children.begin(), children.end(), holds);
    case Expression::Kind::kOr:
      return std::any_of(children.begin(), children.end(), holds);
    case Expression::Kind::kNot:
      return !holds(children[0]);
    case Expression::Kind::kMacro:
    case Expression::Kind::kComparison:
      return node.comparison->Holds(Read(node.slot, event, scratch), event);
  }
  return false;
}

const Values& Matcher::Read(uint32_t slot, const EventView& event,
                            Scratch& scratch) const {
  Scratch::Reading& reading = scratch.slots_[slot];
  if (reading.event != scratch.event_) {
    reading.event = scratch.event_;
    slots_[slot].source->Read(event, reading.values);
  }
  return reading.values;
}

}  // namespace gatewatch::detection
