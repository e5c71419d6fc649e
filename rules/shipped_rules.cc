#include "rules/shipped_rules.h"

#include "rules/embedded_files.h"

namespace gatewatch {

std::vector<detection::RuleSource> ShippedRules() {
  std::vector<detection::RuleSource> sources;
  for (const EmbeddedFile& file : EmbeddedRuleFiles()) {
    sources.push_back(
        {.name = file.name,
         .text = std::string(reinterpret_cast<const char*>(file.bytes),
                             file.size)});
  }
  return sources;
}

}  // namespace gatewatch
