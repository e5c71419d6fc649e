#ifndef GATEWATCH_DETECTION_PLACE_H_
#define GATEWATCH_DETECTION_PLACE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "detection/rule_set.h"

namespace YAML {
class Node;
}

namespace gatewatch::detection {

// Where a YAML value stands in a rule file.
struct Place {
  const RuleSource* source = nullptr;  // must outlive
  size_t position = 0;                 // in bytes, from 0
  int line = 0;                        // from 0
  int column = 0;

  // "FILE:LINE:COLUMN", counted from 1.
  std::string Text() const;
};

Place PlaceOf(const RuleSource& source, const YAML::Node& node);

// The text of one or, where items append to it, several YAML scalars, joined by
// blanks, which knows where each of its characters stands in the files.
class PlacedText {
 public:
  // Replaces what there was.
  void Set(std::string text, const Place& place);
  void Append(absl::string_view text, const Place& place);

  const std::string& text() const { return text_; }
  bool empty() const { return parts_.empty(); }

  // "FILE:LINE:COLUMN" of the byte at `offset` of text(); behind the last
  // character when there is none. Exact for every style of scalar: what YAML
  // folds or indents is blank, so that the other characters are counted.
  std::string At(size_t offset) const;

 private:
  struct Part {
    size_t begin = 0;  // in text_
    Place place;
  };
  std::string text_;
  std::vector<Part> parts_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_PLACE_H_
