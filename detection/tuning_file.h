#ifndef GATEWATCH_DETECTION_TUNING_FILE_H_
#define GATEWATCH_DETECTION_TUNING_FILE_H_

// A user's tuning file, read but not yet compiled. A map of up to four lists:
//
//   rules:          - {rule, enabled, severity, and}
//   severities:     - {severity, rules, workload, condition}
//   exceptions:     - {name, reason, rules, workload, condition}
//   suppressions:   - the same, with `weekly`, or `from` and `until`
//
// See docs/operations.md.

#include <optional>
#include <string>
#include <vector>

#include "detection/place.h"
#include "detection/rule_set.h"
#include "detection/schedule.h"
#include "gatewatch/v1/alert.pb.h"

namespace gatewatch::detection {

// One item of a tuning file.
struct TuningItem {
  enum class Kind { kRule, kSeverity, kException, kSuppression };
  Kind kind = Kind::kRule;
  Place place;
  std::string name;
  std::string reason;

  struct RuleName {
    std::string name;
    Place place;
  };
  std::vector<RuleName> rules;  // empty: all; of a kRule: one

  // A part of a workload's identity ("cluster") and globs, one of which has to
  // fit.
  struct Selector {
    std::string key;
    std::vector<std::string> globs;
  };
  std::vector<Selector> workload;  // all of them have to fit

  PlacedText condition;  // what has to hold besides; empty: nothing
  std::optional<Schedule> schedule;
  std::string when;  // the schedule as written

  std::optional<bool> enabled;
  v1::Severity severity = v1::SEVERITY_UNSPECIFIED;
};

// The fields that a selector's key is compared with; empty: there is no such
// key.
std::vector<std::string> FieldsOfSelector(absl::string_view key);

// Appends the items of one file. What is wrong is appended to `errors` as
// "FILE:LINE:COLUMN: what": unknown keys included, since an exception whose
// limits are misspelt would hold everywhere.
void ReadTuningFile(const RuleSource& source, std::vector<TuningItem>& items,
                    std::vector<std::string>& errors);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_TUNING_FILE_H_
