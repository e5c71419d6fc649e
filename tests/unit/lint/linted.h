#ifndef GATEWATCH_TESTS_UNIT_LINT_LINTED_H_
#define GATEWATCH_TESTS_UNIT_LINT_LINTED_H_

#include <string>
#include <vector>

#include "iac/lint/lint.h"

namespace gatewatch::iac {

// What linting a text of this name gives.
LintResult Linted(const std::string& name, const std::string& text,
                  const LintOptions& options = {});

// The open findings of a check that are, or are not, for want of knowledge.
std::vector<Finding> Found(const LintResult& result, const std::string& check);
std::vector<Finding> Unknown(const LintResult& result,
                             const std::string& check);

// tests/data/lint
std::string DataFolder();

}  // namespace gatewatch::iac

#endif  // GATEWATCH_TESTS_UNIT_LINT_LINTED_H_
