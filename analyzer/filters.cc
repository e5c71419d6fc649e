#include "analyzer/filters.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "proto/event_kind.h"

namespace gatewatch::analyzer {
namespace {

absl::StatusOr<std::optional<detection::Condition>> ParseWhere(
    const std::string& text) {
  if (text.empty()) return std::nullopt;
  GATEWATCH_ASSIGN_OR_RETURN(detection::Condition condition,
                             detection::Condition::Parse(text));
  return std::make_optional(std::move(condition));
}

}  // namespace

absl::StatusOr<EventMatcher> EventMatcher::Make(const v1::EventFilter& filter) {
  EventMatcher matcher;
  const auto& known = EventKinds();
  for (const std::string& kind : filter.kinds()) {
    if (std::find(known.begin(), known.end(), kind) == known.end()) {
      return absl::InvalidArgumentError(absl::StrCat("no event kind ", kind));
    }
    // Each once: a peer may repeat one until SQLite has too many parameters.
    auto& kinds = matcher.kinds_;
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
      kinds.push_back(kind);
    }
  }
  matcher.process_key_ = filter.process_key();
  GATEWATCH_ASSIGN_OR_RETURN(matcher.where_, ParseWhere(filter.where()));
  return matcher;
}

bool EventMatcher::Matches(const v1::EventRecord& record) const {
  const v1::Event& event = record.event();
  if (!kinds_.empty() && std::find(kinds_.begin(), kinds_.end(),
                                   EventKind(event)) == kinds_.end()) {
    return false;
  }
  if (!process_key_.empty() && event.process().key() != process_key_) {
    return false;
  }
  return !where_.has_value() || where_->Matches(detection::ViewOf(record));
}

bool EventMatcher::MatchesCondition(const detection::EventView& view) const {
  return !where_.has_value() || where_->Matches(view);
}

absl::StatusOr<AlertMatcher> AlertMatcher::Make(const v1::AlertFilter& filter) {
  AlertMatcher matcher;
  matcher.at_least_ = filter.at_least();
  matcher.rule_ = filter.rule();
  GATEWATCH_ASSIGN_OR_RETURN(matcher.where_, ParseWhere(filter.where()));
  return matcher;
}

bool AlertMatcher::Matches(const v1::Alert& alert) const {
  // The most severe has the lowest number.
  if (at_least_ != v1::SEVERITY_UNSPECIFIED &&
      (alert.severity() == v1::SEVERITY_UNSPECIFIED ||
       alert.severity() > at_least_)) {
    return false;
  }
  if (!rule_.empty() && alert.rule() != rule_) return false;
  return !where_.has_value() ||
         where_->Matches(detection::ViewOf(alert.event()));
}

}  // namespace gatewatch::analyzer
