#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "detection/sigma/document.h"
#include "detection/value.h"

namespace gatewatch::detection::sigma {
namespace {

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

struct TypeRow {
  absl::string_view name;
  bool counts;         // needs a condition with numbers
  bool takes_a_field;  // named in the condition
};
constexpr TypeRow kTypes[] = {
    {"event_count", true, false},
    {"value_count", true, true},
    {"value_sum", true, true},
    {"value_avg", true, true},
    {"value_percentile", true, true},
    {"value_median", true, true},
    {"temporal", false, false},
    {"temporal_ordered", false, false},
    {"temporal_extended", false, false},
    {"temporal_ordered_extended", false, false},
};
constexpr absl::string_view kComparisons[] = {"gt",  "gte", "lt",
                                              "lte", "eq",  "neq"};

absl::Status CheckTimespan(const std::string& text) {
  constexpr absl::string_view kUnits = "smhdwMy";
  int64_t count = 0;
  const bool fits =
      text.size() > 1 && kUnits.find(text.back()) != kUnits.npos &&
      absl::SimpleAtoi(text.substr(0, text.size() - 1), &count) && count > 0;
  return fits ? absl::OkStatus()
              : Wrong(absl::StrCat("not a timespan such as 15m: ", text));
}

absl::Status CheckCondition(const YAML::Node& node, const TypeRow& type,
                            YAML::Node& at) {
  const YAML::Node condition = node["condition"];
  if (!condition) {
    return type.counts ? Wrong("the correlation needs a condition")
                       : absl::OkStatus();
  }
  at.reset(condition);
  if (condition.IsScalar() && !type.counts) return absl::OkStatus();
  if (!condition.IsMap()) return Wrong("the condition is a map");
  bool compares = false;
  for (const auto& entry : condition) {
    at.reset(entry.first);
    const std::string key =
        entry.first.IsScalar() ? entry.first.Scalar() : std::string();
    if (key == "field" || key == "percentile") continue;
    if (std::find(std::begin(kComparisons), std::end(kComparisons), key) ==
        std::end(kComparisons)) {
      return Wrong(absl::StrCat("no comparison of a correlation's: ", key));
    }
    if (!entry.second.IsScalar() || !ParseDecimal(entry.second.Scalar())) {
      return Wrong(absl::StrCat(key, " takes a number"));
    }
    compares = true;
  }
  at.reset(condition);
  if (!compares) return Wrong("the condition compares nothing");
  if (type.takes_a_field && !condition["field"]) {
    return Wrong(absl::StrCat(type.name, " needs a field in its condition"));
  }
  return absl::OkStatus();
}

absl::Status CheckCorrelation(const YAML::Node& node, YAML::Node& at) {
  at.reset(node);
  GATEWATCH_ASSIGN_OR_RETURN(const auto types, TextsAt(node, "type", at));
  const std::string name = types.empty() ? "" : types[0];
  const auto* const type =
      std::find_if(std::begin(kTypes), std::end(kTypes),
                   [&](const TypeRow& row) { return row.name == name; });
  if (type == std::end(kTypes)) {
    return Wrong(absl::StrCat("there is no type of correlation ", name));
  }
  GATEWATCH_ASSIGN_OR_RETURN(const auto spans, TextsAt(node, "timespan", at));
  if (spans.size() != 1) return Wrong("the correlation needs a timespan");
  GATEWATCH_RETURN_IF_ERROR(CheckTimespan(spans[0]));
  GATEWATCH_RETURN_IF_ERROR(TextsAt(node, "group-by", at).status());
  const YAML::Node aliases = node["aliases"];
  if (aliases && !aliases.IsMap()) {
    at.reset(aliases);
    return Wrong("aliases are a map");
  }
  return CheckCondition(node, *type, at);
}

}  // namespace

absl::StatusOr<Correlation> ReadCorrelation(const YAML::Node& document,
                                            YAML::Node& at) {
  Correlation correlation;
  GATEWATCH_RETURN_IF_ERROR(
      Describe(document, correlation.described, correlation.short_name, at));
  const YAML::Node node = document["correlation"];
  at.reset(node);
  if (!node.IsMap()) return Wrong("a correlation is a map");
  GATEWATCH_RETURN_IF_ERROR(CheckCorrelation(node, at));
  GATEWATCH_ASSIGN_OR_RETURN(correlation.rules, TextsAt(node, "rules", at));
  if (correlation.rules.empty()) return Wrong("the correlation names no rules");
  // Of the correlation, or, as the first examples had it, of the document.
  for (const YAML::Node& where : {node, document}) {
    GATEWATCH_ASSIGN_OR_RETURN(const auto flag, TextsAt(where, "generate", at));
    correlation.generate |=
        !flag.empty() && absl::EqualsIgnoreCase(flag[0], "true");
  }
  correlation.described.set_condition(YAML::Dump(node));
  return correlation;
}

}  // namespace gatewatch::detection::sigma
