#include "detection/sigma/sigma_rules.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "detection/sigma/document.h"
#include "detection/sigma/rule_loader.h"
#include "detection/sigma/view.h"

namespace gatewatch::detection::sigma {
namespace {

// Of comparisons and values in all conditions together.
constexpr size_t kBudget = 2'000'000;
constexpr char kCorrelated[] =
    "correlation over time is not supported yet: it is checked, and never "
    "fires";

// Whoever breaks views.yaml finds out at the first rule that is loaded.
void ReadBuiltIn(Definitions& definitions) {
  const YAML::Node file = YAML::Load(std::string(BuiltInDefinitions()));
  YAML::Node at;
  const absl::Status status = ReadDefinitions(file["sigma"], definitions, at);
  GATEWATCH_CHECK(status.ok());
}

// Titles are for people; what has the title of another gets its id, or a
// number, behind it.
void NameEach(std::vector<LoadedRule>& loaded) {
  std::set<std::string> taken;
  for (LoadedRule& each : loaded) {
    v1::Rule& rule = each.rule;
    const std::string title = rule.name();
    if (taken.contains(title) && !rule.id().empty()) {
      rule.set_name(absl::StrCat(title, " [", rule.id(), "]"));
    }
    for (int i = 2; !taken.insert(rule.name()).second; ++i) {
      rule.set_name(absl::StrCat(title, " (", i, ")"));
    }
  }
}

// What a document of Sigma 1 does to those behind it; empty: nothing.
std::string LegacyAction(const YAML::Node& document) {
  const YAML::Node action = document["action"];
  if (!action || !action.IsScalar()) return "";
  for (const char* legacy : {"global", "repeat", "reset"}) {
    if (action.Scalar() == legacy) return legacy;
  }
  return "";
}

void SetPlace(const Place& place, v1::Rule& rule) {
  rule.set_file(place.source->name);
  rule.set_line(static_cast<uint32_t>(place.line + 1));
}

}  // namespace

struct SigmaRules::State {
  Definitions definitions;
  std::vector<Rule> rules;
  std::vector<Filter> filters;
  std::vector<Correlation> correlations;

  absl::Status Add(const RuleSource& source, const YAML::Node& document,
                   YAML::Node& at);
  std::vector<std::string> UsersOf(const Rule& rule) const;
  LoadedRule Load(const Rule& rule, RuleLoader& loader,
                  std::vector<std::string>& errors) const;
  LoadedRule Load(const Correlation& correlation) const;
  void CheckFilters(std::vector<std::string>& warnings) const;
  bool IsCircle(const Correlation& start) const;
};

namespace {

// Rules are referred to by id, by name, or, as some files have it, by title.
template <typename Document>
bool IsNamed(const Document& document, const std::string& name) {
  return name == document.described.id() || name == document.short_name ||
         name == document.described.name();
}

bool Uses(const Correlation& correlation, const Rule& rule) {
  return std::any_of(
      correlation.rules.begin(), correlation.rules.end(),
      [&](const std::string& name) { return IsNamed(rule, name); });
}

}  // namespace

absl::Status SigmaRules::State::Add(const RuleSource& source,
                                    const YAML::Node& document,
                                    YAML::Node& at) {
  const Place place = PlaceOf(source, document);
  at.reset(document);
  if (const std::string action = LegacyAction(document); !action.empty()) {
    at.reset(document["action"]);
    return absl::InvalidArgumentError(
        absl::StrCat("action: ", action,
                     " is of Sigma 1 and not supported: write each document "
                     "out in full"));
  }
  if (document["sigma"]) {
    Definitions own;
    GATEWATCH_RETURN_IF_ERROR(ReadDefinitions(document["sigma"], own, at));
    // The user's come before what is built in.
    definitions.views.insert(definitions.views.begin(),
                             std::make_move_iterator(own.views.begin()),
                             std::make_move_iterator(own.views.end()));
    for (auto& [name, values] : own.placeholders) {
      definitions.placeholders[name] = std::move(values);
    }
    return absl::OkStatus();
  }
  if (document["correlation"]) {
    GATEWATCH_ASSIGN_OR_RETURN(Correlation correlation,
                               ReadCorrelation(document, at));
    correlation.place = place;
    SetPlace(place, correlation.described);
    correlations.push_back(std::move(correlation));
    return absl::OkStatus();
  }
  if (document["filter"]) {
    GATEWATCH_ASSIGN_OR_RETURN(Filter filter, ReadFilter(document, at));
    filter.place = place;
    filters.push_back(std::move(filter));
    return absl::OkStatus();
  }
  GATEWATCH_ASSIGN_OR_RETURN(Rule rule, ReadRule(document, at));
  rule.place = place;
  SetPlace(place, rule.described);
  rules.push_back(std::move(rule));
  return absl::OkStatus();
}

// The correlations that use the rule, if none of them lets it alert.
std::vector<std::string> SigmaRules::State::UsersOf(const Rule& rule) const {
  std::vector<std::string> users;
  for (const Correlation& correlation : correlations) {
    if (!Uses(correlation, rule)) continue;
    if (correlation.generate) return {};
    users.push_back(correlation.described.name());
  }
  return users;
}

LoadedRule SigmaRules::State::Load(const Rule& rule, RuleLoader& loader,
                                   std::vector<std::string>& errors) const {
  LoadedRule loaded;
  loaded.rule = rule.described;
  loaded.rule.set_status("unsupported");
  auto compiled = loader.Load(rule);
  if (absl::IsInvalidArgument(compiled.status())) {
    // "PLACE: rule NAME: what"
    const std::string message(compiled.status().message());
    const size_t place = std::min(message.find(": "), message.size());
    errors.push_back(absl::StrCat(message.substr(0, place), ": rule ",
                                  rule.described.name(),
                                  message.substr(place)));
    return loaded;
  }
  if (!compiled.ok()) {
    loaded.rule.set_reason(std::string(compiled.status().message()));
    return loaded;
  }
  std::string reason = std::move(compiled->limits);
  const std::vector<std::string> users = UsersOf(rule);
  if (!users.empty()) {
    loaded.rule.set_enabled(false);
    absl::StrAppend(&reason, reason.empty() ? "" : "; ",
                    "it alerts only by way of the correlation ", users[0]);
  }
  loaded.rule.set_output(compiled->output);
  loaded.rule.set_expanded_condition(compiled->condition->text());
  loaded.rule.set_status(reason.empty() ? "supported" : "degraded");
  loaded.rule.set_reason(reason);
  loaded.condition = std::move(compiled->condition);
  return loaded;
}

bool SigmaRules::State::IsCircle(const Correlation& start) const {
  std::vector<const Correlation*> ahead = {&start};
  std::set<const Correlation*> seen;
  while (!ahead.empty()) {
    const Correlation* at = ahead.back();
    ahead.pop_back();
    for (const Correlation& next : correlations) {
      const bool leads = std::any_of(
          at->rules.begin(), at->rules.end(),
          [&](const std::string& name) { return IsNamed(next, name); });
      if (leads && &next == &start) return true;
      if (leads && seen.insert(&next).second) ahead.push_back(&next);
    }
  }
  return false;
}

LoadedRule SigmaRules::State::Load(const Correlation& correlation) const {
  LoadedRule loaded;
  loaded.rule = correlation.described;
  loaded.rule.set_enabled(false);
  loaded.rule.set_status("degraded");
  loaded.rule.set_reason(kCorrelated);
  const auto unsupported = [&](const std::string& why) {
    loaded.rule.set_status("unsupported");
    loaded.rule.set_reason(why);
  };
  for (const std::string& name : correlation.rules) {
    const auto is_named = [&](const auto& each) { return IsNamed(each, name); };
    if (std::none_of(rules.begin(), rules.end(), is_named) &&
        std::none_of(correlations.begin(), correlations.end(), is_named)) {
      unsupported(absl::StrCat("there is no rule ", name));
    }
  }
  if (IsCircle(correlation)) unsupported("it leads back to itself");
  return loaded;
}

void SigmaRules::State::CheckFilters(std::vector<std::string>& warnings) const {
  for (const Filter& filter : filters) {
    const bool used = std::any_of(
        rules.begin(), rules.end(),
        [&](const Rule& rule) { return RuleLoader::Concerns(filter, rule); });
    if (used) continue;
    warnings.push_back(absl::StrCat(filter.place.Text(), ": the filter ",
                                    filter.title, " is for no rule"));
  }
}

SigmaRules::SigmaRules() : state_(std::make_unique<State>()) {}
SigmaRules::~SigmaRules() = default;

bool SigmaRules::IsSigma(const YAML::Node& document) {
  if (!document.IsMap()) return false;
  for (const char* key :
       {"detection", "logsource", "correlation", "filter", "sigma"}) {
    if (document[key]) return true;
  }
  return !LegacyAction(document).empty();
}

void SigmaRules::Add(const RuleSource& source, const YAML::Node& document,
                     std::vector<std::string>& errors) {
  YAML::Node at = document;
  const absl::Status status = state_->Add(source, document, at);
  if (status.ok()) return;
  errors.push_back(
      absl::StrCat(PlaceOf(source, at).Text(), ": ", status.message()));
}

std::vector<LoadedRule> SigmaRules::Load(std::vector<std::string>& errors,
                                         std::vector<std::string>& warnings) {
  std::vector<LoadedRule> loaded;
  if (state_->rules.empty() && state_->correlations.empty()) return loaded;
  ReadBuiltIn(state_->definitions);
  state_->CheckFilters(warnings);
  size_t budget = kBudget;
  RuleLoader loader(state_->definitions, state_->filters, budget);
  for (const Rule& rule : state_->rules) {
    loaded.push_back(state_->Load(rule, loader, errors));
  }
  for (const Correlation& correlation : state_->correlations) {
    loaded.push_back(state_->Load(correlation));
  }
  NameEach(loaded);
  return loaded;
}

}  // namespace gatewatch::detection::sigma
