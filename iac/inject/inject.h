#ifndef GATEWATCH_IAC_INJECT_INJECT_H_
#define GATEWATCH_IAC_INJECT_INJECT_H_

#include <string>

#include "absl/status/statusor.h"
#include "iac/document.h"
#include "iac/inject/findings.h"
#include "iac/inject/options.h"

namespace gatewatch::iac {

// A file before and after, as UTF-8, and what to tell of it. With errors
// among the findings, the text after must not be used.
struct Injection {
  std::string before;
  std::string after;
  SourceFile::Encoding encoding = SourceFile::Encoding::kUtf8;
  Findings findings;
};

// Puts the agent into all tasks and pods that `bytes` describes, or brings what
// was put there before up to date. All that is not changed stays as it is, byte
// by byte, and Remove restores the rest; a file where that would fail is
// refused. Twice is once.
//
// Errors: of a file that cannot be read, or is of no known kind.
absl::StatusOr<Injection> Inject(const std::string& name,
                                 const std::string& bytes,
                                 const InjectOptions& options);

// Takes out what Inject put in.
absl::StatusOr<Injection> Remove(const std::string& name,
                                 const std::string& bytes);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_INJECT_INJECT_H_
