#include "detection/tuning.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "detection/explanation.h"

namespace gatewatch::detection {
namespace {

using Kind = TuningItem::Kind;

constexpr char kOrigin[] = "tuning";
// Where the built-in silence is in silences_.
constexpr size_t kOwnAgent = 0;

v1::Silence OwnAgent() {
  v1::Silence silence;
  silence.set_name("gatewatch's own processes");
  silence.set_kind(v1::Silence::KIND_BUILT_IN);
  silence.set_reason(
      "an agent, its supervisor and its keepers do what rules look for: they "
      "read other processes and run from memory");
  return silence;
}

// What an item is called in errors.
const std::string& NameOf(const TuningItem& item) {
  return item.kind == Kind::kRule && !item.rules.empty() ? item.rules[0].name
                                                         : item.name;
}

ExpressionPtr Glob(const std::string& field, const std::string& glob) {
  auto comparison = std::make_unique<Expression>();
  comparison->op = Operator::kGlob;
  comparison->left = {Operand::Kind::kField, field, {}};
  comparison->right.push_back({Operand::Kind::kLiteral, glob, {}});
  return comparison;
}

ExpressionPtr Joined(Expression::Kind kind, std::vector<ExpressionPtr> parts) {
  if (parts.size() == 1) return std::move(parts[0]);
  auto whole = std::make_unique<Expression>();
  whole->kind = kind;
  whole->children = std::move(parts);
  return whole;
}

// Null when there is no selector.
ExpressionPtr ConditionOf(const std::vector<TuningItem::Selector>& workload) {
  std::vector<ExpressionPtr> all;
  for (const TuningItem::Selector& selector : workload) {
    std::vector<ExpressionPtr> any;
    for (const std::string& field : FieldsOfSelector(selector.key)) {
      for (const std::string& glob : selector.globs) {
        any.push_back(Glob(field, glob));
      }
    }
    if (!any.empty()) {
      all.push_back(Joined(Expression::Kind::kOr, std::move(any)));
    }
  }
  if (all.empty()) return nullptr;
  return Joined(Expression::Kind::kAnd, std::move(all));
}

// "service shop, container web or worker"
std::string TextOf(const std::vector<TuningItem::Selector>& workload) {
  return absl::StrJoin(
      workload, ", ",
      [](std::string* out, const TuningItem::Selector& selector) {
        absl::StrAppend(out, selector.key, " ",
                        absl::StrJoin(selector.globs, " or "));
      });
}

}  // namespace

Tuning::Tuning() { silences_.push_back(OwnAgent()); }

void Tuning::Add(const std::vector<TuningItem>& items,
                 const std::vector<v1::Rule>& rules, RuleCompiler& compiler,
                 std::vector<std::string>& errors,
                 std::vector<std::string>& warnings) {
  std::set<std::string> names;
  for (const v1::Rule& rule : rules) names.insert(rule.name());
  std::set<std::string> taken;
  for (const v1::Silence& silence : silences_) taken.insert(silence.name());
  for (const TuningItem& item : items) {
    Entry entry;
    entry.kind = item.kind;
    entry.schedule = item.schedule;
    entry.enabled = item.enabled;
    entry.severity = item.severity;
    if (const ExpressionPtr workload = ConditionOf(item.workload)) {
      entry.workload = compiler.Compile(*workload, item.place, NameOf(item));
    }
    if (!item.condition.empty()) {
      entry.condition = compiler.Compile(item.condition, NameOf(item));
    }
    if (item.kind == Kind::kException || item.kind == Kind::kSuppression) {
      if (!taken.insert(item.name).second) {
        errors.push_back(absl::StrCat(item.place.Text(), ": the name ",
                                      item.name, " is there twice"));
      }
      AddSilence(item, entry);
    }
    for (const TuningItem::RuleName& rule : item.rules) {
      by_rule_[rule.name].push_back(entries_.size());
      if (names.contains(rule.name)) continue;
      warnings.push_back(
          absl::StrCat(rule.place.Text(), ": there is no rule ", rule.name));
    }
    if (item.rules.empty()) for_all_.push_back(entries_.size());
    entries_.push_back(std::move(entry));
  }
}

void Tuning::AddSilence(const TuningItem& item, Entry& entry) {
  entry.silence = silences_.size();
  v1::Silence& silence = silences_.emplace_back();
  silence.set_name(item.name);
  silence.set_kind(item.kind == Kind::kException
                       ? v1::Silence::KIND_EXCEPTION
                       : v1::Silence::KIND_SUPPRESSION);
  for (const TuningItem::RuleName& rule : item.rules) {
    silence.add_rules(rule.name);
  }
  silence.set_workload(TextOf(item.workload));
  silence.set_condition(item.condition.text());
  silence.set_when(item.when);
  silence.set_reason(item.reason);
  silence.set_file(item.place.source->name);
  silence.set_line(static_cast<uint32_t>(item.place.line + 1));
}

Tuning::Positions Tuning::EntriesOf(absl::string_view rule) const {
  const auto named = by_rule_.find(rule);
  if (named == by_rule_.end()) return for_all_;
  Positions all;
  std::merge(named->second.begin(), named->second.end(), for_all_.begin(),
             for_all_.end(), std::back_inserter(all));
  return all;
}

bool Tuning::Applies(const Entry& entry, const EventView& event) {
  return (!entry.schedule ||
          entry.schedule->Contains(event.event->time_ns())) &&
         (entry.workload == nullptr || entry.workload->Matches(event)) &&
         (entry.condition == nullptr || entry.condition->Matches(event));
}

void Tuning::Override(v1::Rule& rule) const {
  const auto named = by_rule_.find(rule.name());
  if (named == by_rule_.end()) return;
  for (const size_t position : named->second) {
    const Entry& entry = entries_[position];
    if (entry.kind != Kind::kRule) continue;
    if (entry.enabled) rule.set_enabled(*entry.enabled);
    if (entry.severity != v1::SEVERITY_UNSPECIFIED) {
      rule.set_severity(entry.severity);
    }
  }
}

std::optional<Tuning::Verdict> Tuning::Judge(
    const v1::Rule& rule, const EventView& event,
    std::vector<v1::Reason>& reasons) const {
  Verdict verdict = {.severity = rule.severity()};
  if (event.process != nullptr && event.process->of_agent()) {
    verdict.silence = &silences_[kOwnAgent];
  }
  for (const size_t position : EntriesOf(rule.name())) {
    const Entry& entry = entries_[position];
    const bool applies = Applies(entry, event);
    if (entry.kind == Kind::kRule) {
      if (!applies) return std::nullopt;
      if (entry.condition == nullptr) continue;
      ExplainMatch(entry.condition->root(), event, kOrigin, reasons);
    } else if (!applies) {
      continue;
    } else if (entry.kind == Kind::kSeverity) {
      verdict.severity = entry.severity;
    } else if (verdict.silence == nullptr) {
      verdict.silence = &silences_[entry.silence];
    }
  }
  return verdict;
}

std::optional<WhyNot> Tuning::ExplainFailure(absl::string_view rule,
                                             const EventView& event) const {
  for (const size_t position : EntriesOf(rule)) {
    const Entry& entry = entries_[position];
    if (entry.kind != Kind::kRule || entry.condition == nullptr) continue;
    if (auto failure = detection::ExplainFailure(*entry.condition, event)) {
      failure->reason.set_origin(
          InnerOrigin(kOrigin, failure->reason.origin()));
      return failure;
    }
  }
  return std::nullopt;
}

}  // namespace gatewatch::detection
