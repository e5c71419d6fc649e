#ifndef GATEWATCH_DETECTION_RULE_COMPILER_H_
#define GATEWATCH_DETECTION_RULE_COMPILER_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "detection/compiled_condition.h"
#include "detection/parser.h"
#include "detection/rule_file.h"

namespace gatewatch::detection {

// Turns the conditions of rule files into ones that match: lists and macros
// put in, exceptions taken out. What all of them expand to together is bounded,
// since a small file can name a large list or macro many times.
//
// Borrows both, which must outlive it; appends what is wrong to `errors`.
class RuleCompiler {
 public:
  // Expands the lists and parses the macros.
  RuleCompiler(const Definitions& definitions,
               std::vector<std::string>& errors);
  RuleCompiler(const RuleCompiler&) = delete;
  RuleCompiler& operator=(const RuleCompiler&) = delete;

  // Null when it is wrong, and when it names an unknown field and asks to be
  // left out then, which `unsupported` says.
  std::unique_ptr<CompiledCondition> Compile(const RuleDefinition& rule,
                                             std::string& unsupported);

  // The same for a condition that belongs to no rule; `whose` names it in
  // errors. Null when it is wrong.
  std::unique_ptr<CompiledCondition> Compile(const PlacedText& text,
                                             absl::string_view whose);
  std::unique_ptr<CompiledCondition> Compile(const Expression& expression,
                                             const Place& place,
                                             absl::string_view whose);

  // What is wrong with the macros that no compiled rule uses, one line each.
  void CheckUnusedMacros(std::vector<std::string>& warnings);

 private:
  const std::vector<std::string>& ExpandList(const std::string& name,
                                             std::set<std::string>& use);
  const std::vector<std::string>* ListItems(const std::string& name);
  // Whether that many items may still be copied.
  bool TakeItems(const std::string& list, size_t count);
  void ParseMacro(const std::string& name, const MacroDefinition& macro);
  // False when an exception is wrong.
  bool AddExceptions(const RuleDefinition& rule, ExpressionPtr& condition);
  void FailList(const std::string& name, absl::string_view what);

  const Definitions& definitions_;
  std::vector<std::string>& errors_;
  std::map<std::string, std::vector<std::string>> lists_;
  std::map<std::string, ExpressionPtr> macros_;
  size_t list_items_;  // still to be copied
  bool items_spent_ = false;
  size_t budget_;  // see CompiledCondition::Compile
  std::set<std::string> used_macros_;
  const FindList find_list_;
  const FindMacro find_macro_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_RULE_COMPILER_H_
