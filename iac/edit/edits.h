#ifndef GATEWATCH_IAC_EDIT_EDITS_H_
#define GATEWATCH_IAC_EDIT_EDITS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace gatewatch::iac {

// One change of a text: the bytes [begin, end) give way to `text`.
struct Edit {
  size_t begin = 0;
  size_t end = 0;
  std::string text;
};

// `text` with all edits, whose positions are those of `text` as it was. Edits
// must not overlap; what is inserted at one place stands in the given order.
std::string ApplyEdits(absl::string_view text, std::vector<Edit> edits);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_EDIT_EDITS_H_
