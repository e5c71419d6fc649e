#ifndef GATEWATCH_DETECTION_LIKE_H_
#define GATEWATCH_DETECTION_LIKE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace gatewatch::detection {

// A pattern in which "*" stands for any text, "?" for one character, and a
// backslash before either or before a backslash takes that literally. A
// backslash before anything else is one.
//
// Threads: immutable; const methods from any.
class Like {
 public:
  Like() = default;
  explicit Like(absl::string_view pattern);

  // Whether the whole of `text` is of this form. Takes, at worst, time in
  // proportion to the product of both lengths. A character is one of UTF-8, or
  // a byte that is none.
  bool Matches(absl::string_view text) const;

  // A step is a run of bytes, one character, or, where `any`, what "*" stands
  // for.
  struct Step {
    std::string text;  // empty: "?" or "*"
    bool any = false;
  };
  const std::vector<Step>& steps() const { return steps_; }

 private:
  void AppendByte(char byte);

  std::vector<Step> steps_;
};

// `text` as a pattern that stands for itself alone.
std::string LikeLiteral(absl::string_view text);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_LIKE_H_
