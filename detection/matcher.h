#ifndef GATEWATCH_DETECTION_MATCHER_H_
#define GATEWATCH_DETECTION_MATCHER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "detection/compiled_condition.h"
#include "detection/event_view.h"
#include "detection/text_index.h"
#include "detection/value.h"

namespace gatewatch::detection {

// Tells which of many conditions hold for an event, in time that hardly grows
// with their number. Three things make it so:
//
// - What conditions have in common (comparisons, whole macros) is one node of
//   one graph, and evaluated at most once an event; a field is read at most
//   once (its slot).
// - A condition is looked at only for the types of events that it can hold
//   for, and only when one of the texts is there that it cannot do without:
//   an index leads from the texts of a slot to the conditions. Those that
//   need no text are looked at for each event of their types.
// - Of what "and" and "or" join, the cheapest is evaluated first.
//
// Threads:  immutable; Match from any, each with a Scratch of its own.
// Lifetime: the conditions that it was built of must outlive it.
class Matcher {
 public:
  class Builder;  // see matcher_builder.h

  // What is known about the current event; memory that Match uses again.
  class Scratch;

  // The ids of the conditions that hold, ascending. Valid until the scratch is
  // used again.
  absl::Span<const uint32_t> Match(const EventView& event,
                                   Scratch& scratch) const;

 private:
  struct Node {
    Expression::Kind kind = Expression::Kind::kComparison;
    uint32_t first = 0;  // kAnd, kOr, kNot: in children_
    uint32_t count = 0;
    const Comparison* comparison = nullptr;
    uint32_t slot = 0;  // of the comparison's left side
  };
  struct Slot {
    const Source* source = nullptr;
  };
  struct Condition {
    uint32_t id = 0;
    uint32_t root = 0;  // in nodes_
  };
  // The conditions to look at for some types of events. Numbers are positions
  // in conditions_.
  struct Route {
    struct Indexed {
      uint32_t slot = 0;
      TextIndex index;
    };
    std::vector<Indexed> indexed;
    std::vector<uint32_t> always;
  };

  void Follow(const Route& route, const EventView& event,
              Scratch& scratch) const;
  void Try(uint32_t condition, const EventView& event, Scratch& scratch) const;
  bool Evaluate(uint32_t node, const EventView& event, Scratch& scratch) const;
  bool EvaluateNode(const Node& node, const EventView& event,
                    Scratch& scratch) const;
  const Values& Read(uint32_t slot, const EventView& event,
                     Scratch& scratch) const;

  std::vector<Node> nodes_;
  std::vector<uint32_t> children_;
  std::vector<Slot> slots_;
  std::vector<Condition> conditions_;
  absl::flat_hash_map<std::string, Route> by_type_;
  Route any_type_;
};

class Matcher::Scratch {
 private:
  friend class Matcher;

  // Forgets the last event.
  void Begin(const Matcher& matcher);

  // What was found out about the current event bears its number; so nothing
  // has to be cleared between events.
  struct Reading {
    uint32_t event = 0;
    Values values;
  };
  uint32_t event_ = 0;
  std::vector<Reading> slots_;
  std::vector<uint32_t> nodes_;  // twice the event's number, plus the result
  std::vector<uint32_t> tried_;
  std::vector<uint32_t> candidates_;
  std::vector<uint32_t> matches_;
  TextIndex::Scratch text_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_MATCHER_H_
