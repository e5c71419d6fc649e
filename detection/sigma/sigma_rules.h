#ifndef GATEWATCH_DETECTION_SIGMA_SIGMA_RULES_H_
#define GATEWATCH_DETECTION_SIGMA_SIGMA_RULES_H_

#include <memory>
#include <string>
#include <vector>

#include "detection/compiled_condition.h"
#include "detection/rule_set.h"
#include "gatewatch/v1/query.pb.h"

namespace YAML {
class Node;
}

namespace gatewatch::detection::sigma {

// A rule, or a correlation, with its status.
struct LoadedRule {
  v1::Rule rule;
  // Null of correlations, and of what is not supported.
  std::unique_ptr<CompiledCondition> condition;
};

// The Sigma documents of rule files: rules, filters, correlations, and
// definitions of views and placeholders (docs/rule-language.md).
//
// Use: Add each document, then Load once. Sources must outlive it.
class SigmaRules {
 public:
  SigmaRules();
  ~SigmaRules();
  SigmaRules(const SigmaRules&) = delete;
  SigmaRules& operator=(const SigmaRules&) = delete;

  // Whether a document is one of Sigma's, by its keys.
  static bool IsSigma(const YAML::Node& document);

  // What is wrong with it is appended to `errors`, with its place.
  void Add(const RuleSource& source, const YAML::Node& document,
           std::vector<std::string>& errors);

  // Compiles the rules, filters put in. Of a rule that is wrong in itself the
  // first of `errors` that it adds is its reason; one that cannot work here is
  // "unsupported" for the reason given, and no error. What all of them expand
  // to together is bounded.
  std::vector<LoadedRule> Load(std::vector<std::string>& errors,
                               std::vector<std::string>& warnings);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gatewatch::detection::sigma

#endif  // GATEWATCH_DETECTION_SIGMA_SIGMA_RULES_H_
