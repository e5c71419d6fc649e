#ifndef GATEWATCH_IAC_INJECT_FINDINGS_H_
#define GATEWATCH_IAC_INJECT_FINDINGS_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "iac/document.h"
#include "iac/inject/target.h"

namespace gatewatch::iac {

// What is to be told of a file, each with its place.
struct Findings {
  std::vector<std::string> edits;
  std::vector<std::string> notes;     // left alone, and why
  std::vector<std::string> warnings;  // something may go wrong
  std::vector<std::string> errors;    // it would be refused, or not work
};

inline std::string Finding(const SourceFile& file, const Target& target,
                           const Node& place, absl::string_view what) {
  return absl::StrCat(file.name, ":", place.span.line, ": ", target.name, ": ",
                      what);
}

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_INJECT_FINDINGS_H_
