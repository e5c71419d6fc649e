#ifndef GATEWATCH_IAC_EDIT_FILE_STYLE_H_
#define GATEWATCH_IAC_EDIT_FILE_STYLE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "iac/document.h"
#include "iac/edit/snippet.h"

namespace gatewatch::iac {

// How a file is written as a whole: its line breaks, its step of indentation,
// its colons.
Style StyleOf(const SourceFile& file);

// The white space that ends before `at`, line breaks included.
absl::string_view SpaceBefore(absl::string_view text, size_t at);

// The white space that the line of `at` begins with, not counting a byte order
// mark.
std::string IndentOfLine(absl::string_view text, size_t at);

// As many blanks as stand before `at` in its line, whatever is there.
std::string IndentTo(absl::string_view text, size_t at);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_EDIT_FILE_STYLE_H_
