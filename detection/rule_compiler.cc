#include "detection/rule_compiler.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "detection/exception_condition.h"

namespace gatewatch::detection {
namespace {

// Of all lists together, each naming of one in a condition counted.
constexpr size_t kListItemLimit = 2'000'000;
constexpr size_t kListDepthLimit = 64;
// Of comparisons and values in all conditions together.
constexpr size_t kBudget = 2'000'000;

}  // namespace

RuleCompiler::RuleCompiler(const Definitions& definitions,
                           std::vector<std::string>& errors)
    : definitions_(definitions),
      errors_(errors),
      list_items_(kListItemLimit),
      budget_(kBudget),
      find_list_([this](absl::string_view name) {
        return ListItems(std::string(name));
      }),
      find_macro_([this](absl::string_view name) -> const Expression* {
        const auto found = macros_.find(std::string(name));
        used_macros_.emplace(name);
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

std::unique_ptr<CompiledCondition> RuleCompiler::Compile(
    const RuleDefinition& rule, std::string& unsupported) {
  ParseError error;
  ExpressionPtr expression =
      ParseCondition(rule.condition.text(), find_list_, error);
  std::unique_ptr<CompiledCondition> compiled;
  if (expression != nullptr) {
    if (!AddExceptions(rule, expression)) return nullptr;
    compiled =
        CompiledCondition::Compile(*expression, find_macro_, budget_, error);
  }
  if (compiled == nullptr && error.unknown_field &&
      rule.skip_if_unknown_field) {
    unsupported = error.what;
  } else if (compiled == nullptr) {
    errors_.push_back(absl::StrCat(rule.condition.At(error.position), ": rule ",
                                   rule.name, ": ", error.what));
  }
  return compiled;
}

std::unique_ptr<CompiledCondition> RuleCompiler::Compile(
    const PlacedText& text, absl::string_view whose) {
  ParseError error;
  const ExpressionPtr expression =
      ParseCondition(text.text(), find_list_, error);
  std::unique_ptr<CompiledCondition> compiled;
  if (expression != nullptr) {
    compiled =
        CompiledCondition::Compile(*expression, find_macro_, budget_, error);
  }
  if (compiled == nullptr) {
    errors_.push_back(
        absl::StrCat(text.At(error.position), ": ", whose, ": ", error.what));
  }
  return compiled;
}

std::unique_ptr<CompiledCondition> RuleCompiler::Compile(
    const Expression& expression, const Place& place, absl::string_view whose) {
  ParseError error;
  auto compiled =
      CompiledCondition::Compile(expression, find_macro_, budget_, error);
  if (compiled == nullptr) {
    errors_.push_back(
        absl::StrCat(place.Text(), ": ", whose, ": ", error.what));
  }
  return compiled;
}

void RuleCompiler::CheckUnusedMacros(std::vector<std::string>& warnings) {
  const std::set<std::string> used = used_macros_;
  for (const auto& [name, macro] : macros_) {
    if (used.contains(name)) continue;
    ParseError error;
    if (CompiledCondition::Compile(*macro, find_macro_, budget_, error) ==
        nullptr) {
      const PlacedText& text = definitions_.macros.at(name).condition;
      warnings.push_back(absl::StrCat(text.At(error.position), ": macro ", name,
                                      ", which no rule uses: ", error.what));
    }
  }
}

const std::vector<std::string>& RuleCompiler::ExpandList(
    const std::string& name, std::set<std::string>& use) {
  const auto known = lists_.find(name);
  if (known != lists_.end()) return known->second;
  std::vector<std::string> items;
  use.insert(name);
  for (const std::string& item : definitions_.lists.at(name).items) {
    if (!definitions_.lists.contains(item)) {
      items.push_back(item);
    } else if (use.contains(item) || use.size() >= kListDepthLimit) {
      FailList(name, absl::StrCat("the list ", item, " leads back to itself"));
    } else {
      const std::vector<std::string>& inner = ExpandList(item, use);
      if (!TakeItems(name, inner.size())) break;
      items.insert(items.end(), inner.begin(), inner.end());
    }
  }
  use.erase(name);
  return lists_[name] = std::move(items);
}

const std::vector<std::string>* RuleCompiler::ListItems(
    const std::string& name) {
  const auto found = lists_.find(name);
  if (found == lists_.end()) return nullptr;
  return TakeItems(name, found->second.size()) ? &found->second : nullptr;
}

bool RuleCompiler::TakeItems(const std::string& list, size_t count) {
  if (count <= list_items_) {
    list_items_ -= count;
    return true;
  }
  if (!items_spent_) FailList(list, "all lists together have too many items");
  items_spent_ = true;
  return false;
}

void RuleCompiler::FailList(const std::string& name, absl::string_view what) {
  const Place& place = definitions_.lists.at(name).place;
  errors_.push_back(absl::StrCat(place.Text(), ": list ", name, ": ", what));
}

void RuleCompiler::ParseMacro(const std::string& name,
                              const MacroDefinition& macro) {
  ParseError error;
  ExpressionPtr parsed =
      ParseCondition(macro.condition.text(), find_list_, error);
  if (parsed != nullptr) {
    macros_[name] = std::move(parsed);
    return;
  }
  errors_.push_back(absl::StrCat(macro.condition.At(error.position), ": macro ",
                                 name, ": ", error.what));
}

bool RuleCompiler::AddExceptions(const RuleDefinition& rule,
                                 ExpressionPtr& condition) {
  auto whole = std::make_unique<Expression>();
  whole->kind = Expression::Kind::kAnd;
  whole->position = condition->position;
  whole->children.push_back(std::move(condition));
  for (const RuleDefinition::Exception& exception : rule.exceptions) {
    auto excepted = ExceptionCondition(exception, find_list_);
    if (!excepted.ok()) {
      errors_.push_back(absl::StrCat(exception.place.Text(), ": rule ",
                                     rule.name, ": exception ", exception.name,
                                     ": ", excepted.status().message()));
      return false;
    }
    if (*excepted == nullptr) continue;
    (*excepted)->exception = exception.name;
    auto negation = std::make_unique<Expression>();
    negation->kind = Expression::Kind::kNot;
    negation->children.push_back(*std::move(excepted));
    whole->children.push_back(std::move(negation));
  }
  const bool none = whole->children.size() == 1;
  condition = none ? std::move(whole->children[0]) : std::move(whole);
  return true;
}

}  // namespace gatewatch::detection
