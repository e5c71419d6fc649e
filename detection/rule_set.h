#ifndef GATEWATCH_DETECTION_RULE_SET_H_
#define GATEWATCH_DETECTION_RULE_SET_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "detection/event_view.h"
#include "detection/why_not.h"
#include "gatewatch/v1/alert.pb.h"
#include "gatewatch/v1/query.pb.h"

namespace gatewatch::detection {

namespace sigma {
class SigmaRules;
}

// A file's content and where it came from (for messages).
struct RuleSource {
  std::string name;
  std::string text;
  // Empty: a rule file. Else the list that the values in `text` replace,
  // whatever the order of the sources; see list_file.h.
  std::string list;
  // A tuning file, see tuning_file.h; it holds for all rules, whatever the
  // order of the sources.
  bool tuning = false;
};

// Reads rule files; a folder stands for the *.yaml and *.yml files in it, in
// the order of their names. NOT_FOUND and the like name the path.
absl::StatusOr<std::vector<RuleSource>> ReadRuleSources(
    const std::vector<std::string>& paths);

// Reads the list files of a folder: NAME.txt holds the list NAME. In the order
// of their names; NOT_FOUND names a folder that cannot be read. An empty path
// is no folder and has no files.
absl::StatusOr<std::vector<RuleSource>> ReadListSources(
    const std::string& folder);

// Where a rule set comes from.
struct RulePaths {
  std::vector<RuleSource> built_in;  // come first
  std::vector<std::string> rules;    // files and folders, see ReadRuleSources
  std::string lists;                 // see ReadListSources; empty: none
  std::string tuning;                // tuning file; empty: none

  // The files and folders.
  std::vector<std::string> all() const;
};
absl::StatusOr<std::vector<RuleSource>> ReadAllSources(const RulePaths& paths);

// One fired rule.
struct Match {
  const v1::Rule* rule = nullptr;  // owned by the RuleSet
  // The rule's, or what tuning makes of it for this event.
  v1::Severity severity = v1::SEVERITY_UNSPECIFIED;
  // Why it is to raise no alert; null: it is. Owned by the RuleSet.
  const v1::Silence* silence = nullptr;
  std::string output;  // filled in, control bytes escaped
  std::vector<v1::Reason> reasons;
};

// What `rules check` says about rule files.
struct RuleReport {
  // Every rule that has a name, in the order of loading, with its status. What
  // is wrong with a rule makes it unsupported.
  std::vector<v1::Rule> rules;
  // As Load gives them, those of rules included.
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
};

// Loaded rules, ready to match. Loading is all or nothing, but for rules that
// cannot work here (of another source than system calls, say): these are left
// out, and told of by name and reason.
//
// Threads: immutable after Load; const methods from any thread.
class RuleSet {
 public:
  // INVALID_ARGUMENT: "FILE:LINE:COLUMN: rule NAME: what is wrong", one line
  // an error, all errors found. `warnings`, when given, receives what was
  // understood but is odd: an unknown key, a wrong macro that nothing uses, a
  // rule that is left out.
  static absl::StatusOr<std::unique_ptr<const RuleSet>> Load(
      const std::vector<RuleSource>& sources,
      std::vector<std::string>* warnings = nullptr);

  // Reads the same files and goes on where Load would give up.
  static RuleReport Check(const std::vector<RuleSource>& sources);

  ~RuleSet();

  // All rules, disabled ones included, in the order of loading.
  const std::vector<v1::Rule>& rules() const;
  // Those that were left out; `reason` says why.
  const std::vector<v1::Rule>& unsupported() const;
  // Null when there is none of that name, or of Sigma's of that id.
  const v1::Rule* Find(absl::string_view name) const;

  // The kinds of events (see proto/event_kind.h) that the enabled rules can
  // match or draw on; nothing when a rule names no evt.type, and so may match
  // any.
  std::optional<std::vector<std::string>> NeededKinds() const;

  // Whether enabled rules are about events of any shape, see JsonEvent.
  bool MatchesJson() const;

  // What keeps matches from raising alerts: what is built in, then that of
  // tuning files. Their counts are 0.
  const std::vector<v1::Silence>& silences() const;

  // Every enabled rule that the event fires, in the order of loading; those
  // that are silenced too.
  std::vector<Match> Matches(const EventView& event) const;

  // Why the event does not fulfil the condition of that rule, enabled or not,
  // and what tuning demands besides; nothing when it does. NOT_FOUND: there is
  // no such rule. UNIMPLEMENTED: it is a correlation.
  absl::StatusOr<std::optional<WhyNot>> Explain(absl::string_view rule,
                                                const EventView& event) const;

 private:
  RuleSet();
  struct State;
  // Fills in `report`; what is loaded is of use only without errors.
  static std::unique_ptr<RuleSet> Build(const std::vector<RuleSource>& sources,
                                        RuleReport& report);
  void AddSigma(sigma::SigmaRules& sigma, RuleReport& report,
                std::vector<std::string>& errors,
                std::vector<std::string>& warnings);
  std::unique_ptr<State> state_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_RULE_SET_H_
