#ifndef GATEWATCH_IAC_LINT_LINT_H_
#define GATEWATCH_IAC_LINT_LINT_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "iac/checks/check.h"
#include "iac/lint/baseline.h"

namespace gatewatch::iac {

struct LintOptions {
  CheckOptions checks;
  std::vector<const Check*> only;  // empty: all
  std::vector<const Check*> skip;
  Baseline baseline;
};

// A finding in a file, and whether it counts.
struct Outcome {
  enum class State { kOpen, kSuppressed, kInBaseline };

  std::string file;
  Finding finding;
  State state = State::kOpen;
  std::string reason;  // kSuppressed
};

struct UnreadableFile {
  std::string file;
  std::string error;  // begins with the file's name
};

struct LintResult {
  std::vector<Outcome> outcomes;  // by file, line and check
  std::vector<UnreadableFile> unreadable;
  std::vector<std::string> left_out;  // folders
  size_t linted = 0;                  // files
  size_t skipped = 0;                 // files of no kind that is known here

  // Whether something was found that is open and at least this severe.
  bool Fails(Severity severity) const;
};

// Called before each file: how many are done, how many there are.
using Progress = std::function<void(size_t done, size_t all)>;

// Lints files and what is in folders; "-" is the standard input. What cannot
// be read is reported, and the rest linted all the same.
LintResult Lint(const std::vector<std::string>& paths,
                const LintOptions& options, const Progress& progress);

// Lints one text, for which `name` says where it is from.
void LintText(const std::string& name, std::string bytes,
              const LintOptions& options, LintResult& result);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_LINT_LINT_H_
