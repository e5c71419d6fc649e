#include "detection/rule_set.h"

#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "detection/compiled_condition.h"
#include "detection/output_format.h"
#include "detection/parser.h"
#include "detection/rule_file.h"

namespace gatewatch::detection {
namespace {

// Of all lists together, each naming of one in a condition counted.
constexpr size_t kListItemLimit = 2'000'000;
constexpr size_t kListDepthLimit = 64;
// Of comparisons and values in all conditions together.
constexpr size_t kBudget = 2'000'000;

// A condition in the rule language that holds for what the exceptions name.
std::string ExceptionText(
    const std::vector<RuleDefinition::Exception>& exceptions) {
  std::vector<std::string> alternatives;
  for (const RuleDefinition::Exception& exception : exceptions) {
    if (exception.single && !exception.values.empty()) {
      std::vector<std::string> values;
      for (const auto& row : exception.values) {
        values.push_back(absl::StrCat("\"", row[0], "\""));
      }
      alternatives.push_back(absl::StrCat("(", exception.fields[0], " in (",
                                          absl::StrJoin(values, ", "), "))"));
      continue;
    }
    for (const auto& row : exception.values) {
      std::vector<std::string> parts;
      for (size_t i = 0; i < row.size(); ++i) {
        parts.push_back(absl::StrCat(exception.fields[i], " ",
                                     exception.operators[i], " ", row[i]));
      }
      alternatives.push_back(
          absl::StrCat("(", absl::StrJoin(parts, " and "), ")"));
    }
  }
  return absl::StrJoin(alternatives, " or ");
}

// Compiles definitions. Lists first, then macros, then rules; errors are
// collected.
class RuleCompiler {
 public:
  RuleCompiler(const Definitions& definitions, std::vector<std::string>& errors)
      : definitions_(definitions),
        errors_(errors),
        find_list_([this](absl::string_view name) {
          return ListItems(std::string(name));
        }),
        find_macro_([this](absl::string_view name) -> const Expression* {
          const auto found = macros_.find(std::string(name));
          return found == macros_.end() ? nullptr : found->second.get();
        }) {
    for (const auto& [name, list] : definitions.lists) {
      std::set<std::string> use;
      ExpandList(name, use);
    }
    for (const auto& [name, macro] : definitions.macros) {
      ParseMacro(name, macro);
    }
  }

  std::unique_ptr<CompiledCondition> Condition(const RuleDefinition& rule) {
    ParseError error;
    ExpressionPtr expression =
        ParseCondition(rule.condition.text(), find_list_, error);
    std::unique_ptr<CompiledCondition> compiled;
    if (expression != nullptr) {
      expression = WithExceptions(std::move(expression), rule);
      if (expression == nullptr) return nullptr;
      compiled =
          CompiledCondition::Compile(*expression, find_macro_, budget_, error);
    }
    if (compiled == nullptr) {
      errors_.push_back(absl::StrCat(rule.condition.At(error.position),
                                     ": rule ", rule.name, ": ", error.what));
    }
    return compiled;
  }

 private:
  const std::vector<std::string>& ExpandList(const std::string& name,
                                             std::set<std::string>& use) {
    const auto known = lists_.find(name);
    if (known != lists_.end()) return known->second;
    std::vector<std::string> items;
    use.insert(name);
    for (const std::string& item : definitions_.lists.at(name).items) {
      if (!definitions_.lists.contains(item)) {
        items.push_back(item);
      } else if (use.contains(item) || use.size() >= kListDepthLimit) {
        FailList(name,
                 absl::StrCat("the list ", item, " leads back to itself"));
      } else {
        const std::vector<std::string>& inner = ExpandList(item, use);
        if (!TakeItems(name, inner.size())) break;
        items.insert(items.end(), inner.begin(), inner.end());
      }
    }
    use.erase(name);
    return lists_[name] = std::move(items);
  }

  const std::vector<std::string>* ListItems(const std::string& name) {
    const auto found = lists_.find(name);
    if (found == lists_.end()) return nullptr;
    return TakeItems(name, found->second.size()) ? &found->second : nullptr;
  }

  // Whether that many items may still be copied.
  bool TakeItems(const std::string& list, size_t count) {
    if (count <= list_items_) {
      list_items_ -= count;
      return true;
    }
    if (!items_spent_) FailList(list, "all lists together have too many items");
    items_spent_ = true;
    return false;
  }

  void FailList(const std::string& name, absl::string_view what) {
    const Place& place = definitions_.lists.at(name).place;
    errors_.push_back(absl::StrCat(place.Text(), ": list ", name, ": ", what));
  }

  void ParseMacro(const std::string& name, const MacroDefinition& macro) {
    ParseError error;
    ExpressionPtr parsed =
        ParseCondition(macro.condition.text(), find_list_, error);
    if (parsed != nullptr) {
      macros_[name] = std::move(parsed);
      return;
    }
    errors_.push_back(absl::StrCat(macro.condition.At(error.position),
                                   ": macro ", name, ": ", error.what));
  }

  ExpressionPtr WithExceptions(ExpressionPtr condition,
                               const RuleDefinition& rule) {
    const std::string text = ExceptionText(rule.exceptions);
    if (text.empty()) return condition;
    ParseError error;
    ExpressionPtr excepted = ParseCondition(text, find_list_, error);
    if (excepted == nullptr) {
      errors_.push_back(absl::StrCat(rule.place.Text(), ": rule ", rule.name,
                                     ": its exceptions read \"", text,
                                     "\": ", error.what));
      return nullptr;
    }
    auto negation = std::make_unique<Expression>();
    negation->kind = Expression::Kind::kNot;
    negation->children.push_back(std::move(excepted));
    auto both = std::make_unique<Expression>();
    both->kind = Expression::Kind::kAnd;
    both->children.push_back(std::move(condition));
    both->children.push_back(std::move(negation));
    return both;
  }

  const Definitions& definitions_;
  std::vector<std::string>& errors_;
  size_t list_items_ = kListItemLimit;  // still to be copied
  bool items_spent_ = false;
  size_t budget_ = kBudget;
  std::map<std::string, std::vector<std::string>> lists_;
  std::map<std::string, ExpressionPtr> macros_;
  const FindList find_list_;
  const FindMacro find_macro_;
};

v1::Rule Describe(const RuleDefinition& definition,
                  const CompiledCondition& condition) {
  v1::Rule rule;
  rule.set_name(definition.name);
  rule.set_description(definition.description);
  rule.set_severity(definition.severity);
  for (const std::string& tag : definition.tags) rule.add_tags(tag);
  rule.set_condition(definition.condition.text());
  rule.set_expanded_condition(condition.text());
  rule.set_output(definition.output.text());
  rule.set_file(definition.place.source->name);
  rule.set_line(static_cast<uint32_t>(definition.place.line + 1));
  rule.set_enabled(definition.enabled);
  return rule;
}

}  // namespace

struct RuleSet::State {
  struct Compiled {
    std::unique_ptr<CompiledCondition> condition;
    OutputFormat output;
  };
  std::vector<v1::Rule> rules;
  std::vector<Compiled> compiled;  // one a rule
  // Which enabled rules can match an event of a type: those that name types,
  // by type, and those that exclude some or none. Indexes into `rules`. This
  // is where an index of necessary conditions belongs once there are more
  // rules than types.
  absl::flat_hash_map<std::string, std::vector<size_t>> by_type;
  std::vector<size_t> of_any_type;

  void Route(size_t index) {
    const EventTypes& types = compiled[index].condition->types();
    if (types.all_but) {
      of_any_type.push_back(index);
    } else {
      for (const std::string& type : types.names) {
        by_type[type].push_back(index);
      }
    }
  }

  void MatchEach(const std::vector<size_t>& candidates, const EventView& event,
                 std::map<size_t, Match>& matches) const {
    for (const size_t index : candidates) {
      const Compiled& rule = compiled[index];
      if (!rule.condition->Matches(event)) continue;
      Match match;
      match.rule = &rules[index];
      match.output = rule.output.Fill(event);
      rule.condition->Explain(event, match.reasons);
      matches.emplace(index, std::move(match));
    }
  }
};

RuleSet::RuleSet() : state_(std::make_unique<State>()) {}
RuleSet::~RuleSet() = default;

absl::StatusOr<std::unique_ptr<const RuleSet>> RuleSet::Load(
    const std::vector<RuleSource>& sources,
    std::vector<std::string>* warnings) {
  Definitions definitions;
  std::vector<std::string> errors, ignored;
  for (const RuleSource& source : sources) {
    ReadRuleFile(source, definitions, errors,
                 warnings != nullptr ? *warnings : ignored);
  }
  RuleCompiler compiler(definitions, errors);
  std::unique_ptr<RuleSet> set(new RuleSet());
  State& state = *set->state_;
  for (const RuleDefinition& definition : definitions.rules) {
    if (definition.condition.empty() || definition.output.empty()) {
      continue;  // incomplete, which is among the errors
    }
    auto condition = compiler.Condition(definition);
    ParseError error;
    auto output = OutputFormat::Parse(definition.output.text(), error);
    if (!output) {
      errors.push_back(absl::StrCat(definition.output.At(error.position),
                                    ": rule ", definition.name, ": ",
                                    error.what));
    }
    if (condition == nullptr || !output) continue;
    state.rules.push_back(Describe(definition, *condition));
    state.compiled.push_back({std::move(condition), *std::move(output)});
    if (definition.enabled) state.Route(state.rules.size() - 1);
  }
  if (!errors.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(errors, "\n"));
  }
  return set;
}

const std::vector<v1::Rule>& RuleSet::rules() const { return state_->rules; }

const v1::Rule* RuleSet::Find(absl::string_view name) const {
  for (const v1::Rule& rule : state_->rules) {
    if (rule.name() == name) return &rule;
  }
  return nullptr;
}

std::vector<Match> RuleSet::Matches(const EventView& event) const {
  std::map<size_t, Match> found;  // by the order of loading
  const auto typed = state_->by_type.find(event.event->syscall());
  if (typed != state_->by_type.end()) {
    state_->MatchEach(typed->second, event, found);
  }
  state_->MatchEach(state_->of_any_type, event, found);
  std::vector<Match> matches;
  for (auto& [index, match] : found) matches.push_back(std::move(match));
  return matches;
}

}  // namespace gatewatch::detection
