#ifndef GATEWATCH_DETECTION_TUNING_H_
#define GATEWATCH_DETECTION_TUNING_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "detection/compiled_condition.h"
#include "detection/event_view.h"
#include "detection/rule_compiler.h"
#include "detection/schedule.h"
#include "detection/tuning_file.h"
#include "detection/why_not.h"
#include "gatewatch/v1/alert.pb.h"
#include "gatewatch/v1/query.pb.h"

namespace gatewatch::detection {

// What a user's tuning file, and what is built in, makes of rules that match.
// It is looked at for events that match alone, so that its size costs nothing
// otherwise.
//
// Threads: immutable; const methods from any.
class Tuning {
 public:
  // With nothing but what is built in.
  Tuning();

  // Adds what files say. The conditions may name the lists and macros of the
  // rule files. What is wrong is appended to `errors`. `rules` are those that
  // exist: naming another is odd, and appended to `warnings`.
  void Add(const std::vector<TuningItem>& items,
           const std::vector<v1::Rule>& rules, RuleCompiler& compiler,
           std::vector<std::string>& errors,
           std::vector<std::string>& warnings);

  // Enables or disables the rule, and gives it its severity.
  void Override(v1::Rule& rule) const;

  struct Verdict {
    v1::Severity severity = v1::SEVERITY_UNSPECIFIED;
    // Why there is no alert all the same; null: there is. One of silences().
    const v1::Silence* silence = nullptr;
  };
  // Nothing when the rule does not match after all, because of what an
  // override demands besides. What held of that is appended to `reasons`.
  std::optional<Verdict> Judge(const v1::Rule& rule, const EventView& event,
                               std::vector<v1::Reason>& reasons) const;

  // Which demand of an override an event does not fulfil that matches the
  // rule; nothing when there is none.
  std::optional<WhyNot> ExplainFailure(absl::string_view rule,
                                       const EventView& event) const;

  // The built-in ones first.
  const std::vector<v1::Silence>& silences() const { return silences_; }

 private:
  struct Entry {
    TuningItem::Kind kind = TuningItem::Kind::kRule;
    std::unique_ptr<CompiledCondition> workload;   // null: everywhere
    std::unique_ptr<CompiledCondition> condition;  // null: always
    std::optional<Schedule> schedule;
    std::optional<bool> enabled;
    v1::Severity severity = v1::SEVERITY_UNSPECIFIED;
    size_t silence = 0;  // of an exception or suppression, in silences_
  };
  using Positions = std::vector<size_t>;  // in entries_

  static bool Applies(const Entry& entry, const EventView& event);
  void AddSilence(const TuningItem& item, Entry& entry);
  // Those that name the rule and those that name none, in their order.
  Positions EntriesOf(absl::string_view rule) const;

  std::vector<Entry> entries_;
  absl::flat_hash_map<std::string, Positions> by_rule_;
  Positions for_all_;
  std::vector<v1::Silence> silences_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_TUNING_H_
