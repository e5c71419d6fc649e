#ifndef GATEWATCH_DETECTION_RULE_SET_H_
#define GATEWATCH_DETECTION_RULE_SET_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "detection/event_view.h"
#include "gatewatch/v1/alert.pb.h"
#include "gatewatch/v1/query.pb.h"

namespace gatewatch::detection {

// A rule file's content and where it came from (for messages).
struct RuleSource {
  std::string name;
  std::string text;
};

// Reads rule files; a folder stands for the *.yaml and *.yml files in it, in
// the order of their names. NOT_FOUND and the like name the path.
absl::StatusOr<std::vector<RuleSource>> ReadRuleSources(
    const std::vector<std::string>& paths);

// One fired rule.
struct Match {
  const v1::Rule* rule = nullptr;  // owned by the RuleSet
  std::string output;              // filled in, control bytes escaped
  std::vector<v1::Reason> reasons;
};

// Loaded rules, ready to match. Loading is all or nothing.
//
// Threads: immutable after Load; const methods from any thread.
class RuleSet {
 public:
  // INVALID_ARGUMENT: "FILE:LINE:COLUMN: rule NAME: what is wrong", one line
  // an error, all errors found. `warnings`, when given, receives what was
  // understood but is odd (an unknown key, a list that nothing uses is not).
  static absl::StatusOr<std::unique_ptr<const RuleSet>> Load(
      const std::vector<RuleSource>& sources,
      std::vector<std::string>* warnings = nullptr);

  ~RuleSet();

  // All rules, disabled ones included, in the order of loading.
  const std::vector<v1::Rule>& rules() const;
  // Null when there is none of that name.
  const v1::Rule* Find(absl::string_view name) const;

  // The kinds of events (see proto/event_kind.h) that the enabled rules can
  // match or draw on; nothing when a rule names no evt.type, and so may match
  // any.
  std::optional<std::vector<std::string>> NeededKinds() const;

  // Every enabled rule that the event fires, in the order of loading.
  std::vector<Match> Matches(const EventView& event) const;

 private:
  RuleSet();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_RULE_SET_H_
