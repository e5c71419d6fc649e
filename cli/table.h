#ifndef GATEWATCH_CLI_TABLE_H_
#define GATEWATCH_CLI_TABLE_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace gatewatch::cli {

// Rows in aligned columns, for people. Cells are escaped, so that they may
// hold captured text. The last column is not padded.
class Table {
 public:
  // An empty heading leaves the line of headings out when all are empty.
  explicit Table(std::vector<std::string> headings);

  // As many cells as there are headings.
  void Add(const std::vector<std::string>& cells);
  void Write(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the headings first
};

// How many columns of a terminal `text` takes, one a character: good enough
// for what is printed here.
size_t DisplayWidth(absl::string_view text);

// At most `width` columns, a cut being shown by "…".
std::string CutToWidth(absl::string_view text, size_t width);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_TABLE_H_
