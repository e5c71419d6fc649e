#ifndef GATEWATCH_IAC_UTF16_H_
#define GATEWATCH_IAC_UTF16_H_

#include <string>

#include "absl/strings/string_view.h"
#include "iac/document.h"

namespace gatewatch::iac {

// What the byte order mark says, or, without one, that "{" and "[" are ASCII.
SourceFile::Encoding EncodingOf(absl::string_view bytes);

// `bytes`, of which each pair is one unit, as UTF-8. Half a surrogate pair
// becomes U+FFFD.
std::string Utf8FromUtf16(absl::string_view bytes,
                          SourceFile::Encoding encoding);

// The bytes that hold `text`, which is UTF-8, in `encoding`.
std::string Encode(absl::string_view text, SourceFile::Encoding encoding);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_UTF16_H_
