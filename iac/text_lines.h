#ifndef GATEWATCH_IAC_TEXT_LINES_H_
#define GATEWATCH_IAC_TEXT_LINES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "iac/document.h"

namespace gatewatch::iac {

// Where bytes stand in a file, for people. The lines end with \n.
class TextLines {
 public:
  // Reads `text` here alone.
  TextLines(std::string file, absl::string_view text);

  Span At(size_t begin, size_t end) const;

  // INVALID_ARGUMENT "FILE:LINE:COLUMN: what".
  absl::Status Error(size_t position, absl::string_view what) const;

 private:
  std::string file_;
  std::vector<size_t> starts_;
};

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_TEXT_LINES_H_
