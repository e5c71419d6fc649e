#ifndef GATEWATCH_DETECTION_SIGMA_RULE_LOADER_H_
#define GATEWATCH_DETECTION_SIGMA_RULE_LOADER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "detection/compiled_condition.h"
#include "detection/sigma/document.h"

namespace gatewatch::detection::sigma {

// Compiles one rule after another.
//
// Borrows its arguments, which must outlive it.
class RuleLoader {
 public:
  RuleLoader(const Definitions& definitions, const std::vector<Filter>& filters,
             size_t& budget)
      : definitions_(definitions), filters_(filters), budget_(budget) {}

  // With the view's and the rule's own output, and what limits it ("":
  // nothing). INVALID_ARGUMENT: "PLACE: what is wrong with the rule".
  // UNIMPLEMENTED: why it cannot work here.
  struct Compiled {
    std::unique_ptr<CompiledCondition> condition;
    std::string output;
    std::string limits;
  };
  absl::StatusOr<Compiled> Load(const Rule& rule);

  // Whether the filter is one for the rule.
  static bool Concerns(const Filter& filter, const Rule& rule);

 private:
  using Macros = std::map<std::string, ExpressionPtr>;

  // Adds the selections to `macros`, and the condition to `parts`.
  absl::Status AddDetection(const Detection& detection, const View& view,
                            const std::string& prefix, const Place& place,
                            Macros& macros,
                            std::vector<ExpressionPtr>& parts) const;

  // Adds what the filters for the rule leave.
  absl::Status AddFilters(const Rule& rule, const View& view, Macros& macros,
                          std::vector<ExpressionPtr>& parts) const;

  const Definitions& definitions_;
  const std::vector<Filter>& filters_;
  size_t& budget_;
};

}  // namespace gatewatch::detection::sigma

#endif  // GATEWATCH_DETECTION_SIGMA_RULE_LOADER_H_
