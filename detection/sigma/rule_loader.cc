#include "detection/sigma/rule_loader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "detection/field.h"
#include "detection/sigma/condition.h"
#include "detection/sigma/own_needs.h"
#include "detection/sigma/selection.h"
#include "detection/sigma/value_test.h"

namespace gatewatch::detection::sigma {
namespace {

// The macro that stands for a view's events; no selection has a blank in its
// name.
constexpr char kEvents[] = "the view";
constexpr size_t kShownFieldLimit = 16;

// What is wrong with a rule has a place; what is not to be had has none.
absl::Status At(const Place& place, const YAML::Node& node,
                const absl::Status& status) {
  if (!absl::IsInvalidArgument(status)) return status;
  return absl::InvalidArgumentError(absl::StrCat(
      PlaceOf(*place.source, node).Text(), ": ", status.message()));
}

// A filter says what is not to be alerted on, "selection", or, as some tools
// have it, what is: "not selection".
ExpressionPtr Remaining(ExpressionPtr filtered) {
  const bool remains = filtered->kind == Expression::Kind::kNot;
  return remains ? std::move(filtered) : Negation(std::move(filtered));
}

bool IsPlainName(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
           c == '.' || c == '-';
  });
}

// The view's output and the fields that the rule wants shown.
std::string OutputOf(const Rule& rule, const View& view) {
  std::string output = view.output;
  size_t shown = 0;
  for (const std::string& name : rule.shown_fields) {
    const Operand field = view.FieldOf(name);
    const bool plain = field.kind == Operand::Kind::kField &&
                       IsPlainName(name) && UnmappedName(field.text).empty();
    if (!plain || ++shown > kShownFieldLimit) continue;
    absl::StrAppend(&output, " ", name, "=%", field.text);
  }
  return output;
}

}  // namespace

bool RuleLoader::Concerns(const Filter& filter, const Rule& rule) {
  const auto fits = [](const std::string& wanted, const std::string& has) {
    return wanted.empty() || wanted == has;
  };
  if (!fits(filter.source.category, rule.source.category) ||
      !fits(filter.source.product, rule.source.product) ||
      !fits(filter.source.service, rule.source.service)) {
    return false;
  }
  return filter.rules.empty() ||
         std::any_of(filter.rules.begin(), filter.rules.end(),
                     [&](const std::string& name) {
                       return name == rule.described.id() ||
                              name == rule.short_name ||
                              name == rule.described.name();
                     });
}

absl::StatusOr<RuleLoader::Compiled> RuleLoader::Load(const Rule& rule) {
  if (rule.source.Text().empty()) {
    return absl::UnimplementedError(
        "its logsource has neither category, product nor service");
  }
  const View* view = definitions_.Find(rule.source);
  if (view == nullptr) {
    return absl::UnimplementedError(
        absl::StrCat("no events of the log source ", rule.source.Text()));
  }
  Macros macros;
  std::vector<ExpressionPtr> parts;
  auto events = std::make_unique<Expression>();
  events->kind = Expression::Kind::kMacro;
  events->macro = kEvents;
  parts.push_back(std::move(events));
  GATEWATCH_RETURN_IF_ERROR(
      AddDetection(rule.detection, *view, "", rule.place, macros, parts));
  GATEWATCH_RETURN_IF_ERROR(AddFilters(rule, *view, macros, parts));
  const FindMacro find = [&](absl::string_view name) -> const Expression* {
    if (name == kEvents) return view->when.get();
    const auto found = macros.find(std::string(name));
    return found == macros.end() ? nullptr : found->second.get();
  };
  const ExpressionPtr whole = Chain(Expression::Kind::kAnd, std::move(parts));
  ParseError error;
  Compiled compiled;
  compiled.condition = CompiledCondition::Compile(*whole, find, budget_, error);
  if (compiled.condition == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(rule.place.Text(), ": ", error.what));
  }
  OwnNeeds needs;
  for (const auto& [name, selection] : macros) needs.Add(*selection);
  const EventTypes& types = compiled.condition->types();
  if (types.is_none()) return absl::UnimplementedError(needs.WhyNever());
  compiled.limits = needs.Limits(types);
  compiled.output = OutputOf(rule, *view);
  return compiled;
}

absl::Status RuleLoader::AddFilters(const Rule& rule, const View& view,
                                    Macros& macros,
                                    std::vector<ExpressionPtr>& parts) const {
  for (size_t i = 0; i < filters_.size(); ++i) {
    const Filter& filter = filters_[i];
    if (!Concerns(filter, rule)) continue;
    GATEWATCH_RETURN_IF_ERROR(AddDetection(filter.detection, view,
                                           absl::StrCat("filter ", i, ": "),
                                           filter.place, macros, parts));
    parts.back() = Remaining(std::move(parts.back()));
  }
  return absl::OkStatus();
}

absl::Status RuleLoader::AddDetection(const Detection& detection,
                                      const View& view,
                                      const std::string& prefix,
                                      const Place& place, Macros& macros,
                                      std::vector<ExpressionPtr>& parts) const {
  if (detection.has_timeframe) {
    return absl::UnimplementedError(
        "a timeframe in a detection is of Sigma 1 and not supported; "
        "correlations replace it");
  }
  std::vector<std::string> names;
  for (const Detection::Selection& selection : detection.selections) {
    YAML::Node at = selection.node;
    auto expression =
        SelectionOf(selection.node, view, definitions_.placeholders, at);
    if (!expression.ok()) return At(place, at, expression.status());
    names.push_back(selection.name);
    macros[absl::StrCat(prefix, selection.name)] = *std::move(expression);
  }
  std::vector<ExpressionPtr> conditions;
  for (const std::string& text : detection.conditions) {
    auto condition = ParseSigmaCondition(text, names, prefix);
    if (absl::IsInvalidArgument(condition.status())) {
      return absl::InvalidArgumentError(
          absl::StrCat(place.Text(), ": ", condition.status().message()));
    }
    GATEWATCH_RETURN_IF_ERROR(condition.status());
    conditions.push_back(*std::move(condition));
  }
  parts.push_back(Chain(Expression::Kind::kOr, std::move(conditions)));
  return absl::OkStatus();
}

}  // namespace gatewatch::detection::sigma
