#ifndef GATEWATCH_DETECTION_OUTPUT_FORMAT_H_
#define GATEWATCH_DETECTION_OUTPUT_FORMAT_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "detection/comparison.h"
#include "detection/parser.h"

namespace gatewatch::detection {

// A rule's output: text with %field, %field[argument] and %function(field).
class OutputFormat {
 public:
  // Nothing, and `error` filled in, when a field is wrong. A leading "*" is
  // Falco's, and ignored; a "%" before anything but a name stands for itself.
  static std::optional<OutputFormat> Parse(absl::string_view text,
                                           ParseError& error);

  // Fields filled in, absent ones as <NA>; control bytes escaped.
  std::string Fill(const EventView& event) const;

  // The fields that it prints, with their arguments.
  const std::set<std::string>& fields() const { return fields_; }

 private:
  struct Part {
    std::string text;              // before the field
    std::optional<Source> source;  // none in the last part
  };
  std::vector<Part> parts_;
  std::set<std::string> fields_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_OUTPUT_FORMAT_H_
