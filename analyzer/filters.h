#ifndef GATEWATCH_ANALYZER_FILTERS_H_
#define GATEWATCH_ANALYZER_FILTERS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "detection/condition.h"
#include "gatewatch/v1/query.pb.h"

namespace gatewatch::analyzer {

// A checked v1::EventFilter.
//
// Threads: const methods from any thread.
class EventMatcher {
 public:
  // INVALID_ARGUMENT: there is no such kind, or the condition does not parse.
  static absl::StatusOr<EventMatcher> Make(const v1::EventFilter& filter);

  // All of the filter.
  bool Matches(const v1::EventRecord& record) const;
  // Of the filter, what EventQuery cannot tell.
  bool MatchesCondition(const detection::EventView& view) const;

  // Null: there is no condition.
  const detection::CompiledCondition* where() const {
    return where_ ? &where_->compiled() : nullptr;
  }
  const std::vector<std::string>& kinds() const { return kinds_; }
  const std::string& process_key() const { return process_key_; }

 private:
  std::vector<std::string> kinds_;
  std::string process_key_;
  std::optional<detection::Condition> where_;
};

// A checked v1::AlertFilter.
//
// Threads: const methods from any thread.
class AlertMatcher {
 public:
  // INVALID_ARGUMENT: the condition does not parse.
  static absl::StatusOr<AlertMatcher> Make(const v1::AlertFilter& filter);

  // All of the filter.
  bool Matches(const v1::Alert& alert) const;

  v1::Severity at_least() const { return at_least_; }
  const std::string& rule() const { return rule_; }

 private:
  v1::Severity at_least_ = v1::SEVERITY_UNSPECIFIED;
  std::string rule_;
  std::optional<detection::Condition> where_;
};

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_FILTERS_H_
