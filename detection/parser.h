#ifndef GATEWATCH_DETECTION_PARSER_H_
#define GATEWATCH_DETECTION_PARSER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "detection/expression.h"

namespace gatewatch::detection {

// The items of a list by its name; null when there is none.
using FindList =
    std::function<const std::vector<std::string>*(absl::string_view name)>;

struct ParseError {
  size_t position = 0;  // in the text, from 0
  std::string what;
  bool unknown_field = false;  // there is no field of that name
};

// Parses a condition of Falco's language. Names of lists stand for their
// items; names of macros stay in the tree. Null, and `error` filled in, when
// it does not parse. At most 1 MiB of text and a nesting of 256.
ExpressionPtr ParseCondition(absl::string_view text, const FindList& lists,
                             ParseError& error);

// Parses the inside of an output's %token: a field, or a function of one.
// Returns how much of `text` it took; 0, and `error` filled in, when it does
// not parse.
size_t ParseOutputField(absl::string_view text, Operand& operand,
                        ParseError& error);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_PARSER_H_
