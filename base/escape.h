#ifndef GATEWATCH_BASE_ESCAPE_H_
#define GATEWATCH_BASE_ESCAPE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace gatewatch {

// `bytes` in a form that cannot drive a terminal: control bytes (C0, DEL, and
// C1 as UTF-8), bytes that are not valid UTF-8, and the backslash are written
// as \n, \t, \r, \\ or \xHH; valid UTF-8 stays.
std::string EscapeForTerminal(absl::string_view bytes);

// Whether `bytes` is valid UTF-8 (RFC 3629: no surrogates, no overlong
// forms, nothing above U+10FFFF).
bool IsUtf8(absl::string_view bytes);

// The length in bytes of the UTF-8 character that `bytes`, which is not empty,
// begins with; 0 when it begins with none.
size_t Utf8Length(absl::string_view bytes);

}  // namespace gatewatch

#endif  // GATEWATCH_BASE_ESCAPE_H_
