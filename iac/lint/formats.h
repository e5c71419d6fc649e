#ifndef GATEWATCH_IAC_LINT_FORMATS_H_
#define GATEWATCH_IAC_LINT_FORMATS_H_

#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "iac/lint/lint.h"

namespace gatewatch::iac {

// For people; what files hold cannot drive the terminal.
void WriteText(const LintResult& result, std::ostream& out);

// JSON lines: one for each finding and unreadable file, then the counts.
void WriteJsonLines(const LintResult& result, std::ostream& out);

// SARIF 2.1.0, as code scanning takes it.
void WriteSarif(const LintResult& result, std::ostream& out);

// JUnit's XML: a suite for each file, a case for each finding.
void WriteJunit(const LintResult& result, std::ostream& out);

// Workflow commands by which GitHub Actions annotates a change.
void WriteAnnotations(const LintResult& result, std::ostream& out);

struct Format {
  const char* name;
  void (*write)(const LintResult& result, std::ostream& out);
};

absl::Span<const Format> AllFormats();

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_LINT_FORMATS_H_
