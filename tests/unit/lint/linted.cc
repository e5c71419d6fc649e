#include "tests/unit/lint/linted.h"

#include <cstdlib>

namespace gatewatch::iac {
namespace {

std::vector<Finding> Select(const LintResult& result, const std::string& check,
                            bool unknown) {
  std::vector<Finding> findings;
  for (const Outcome& outcome : result.outcomes) {
    if (outcome.state == Outcome::State::kOpen &&
        outcome.finding.check->id == check &&
        (outcome.finding.severity == Severity::kUnknown) == unknown) {
      findings.push_back(outcome.finding);
    }
  }
  return findings;
}

}  // namespace

LintResult Linted(const std::string& name, const std::string& text,
                  const LintOptions& options) {
  LintResult result;
  LintText(name, text, options, result);
  return result;
}

std::vector<Finding> Found(const LintResult& result, const std::string& check) {
  return Select(result, check, false);
}

std::vector<Finding> Unknown(const LintResult& result,
                             const std::string& check) {
  return Select(result, check, true);
}

std::string DataFolder() {
  return std::string(std::getenv("GATEWATCH_SOURCE")) + "/tests/data/lint";
}

}  // namespace gatewatch::iac
