#ifndef GATEWATCH_IAC_EDIT_EDITOR_H_
#define GATEWATCH_IAC_EDIT_EDITOR_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "iac/document.h"
#include "iac/edit/edits.h"
#include "iac/edit/snippet.h"

namespace gatewatch::iac {

// Collects edits of a file that leave every other byte as it is. Appending
// and removing are each other's inverse: what is appended brings its separator
// and nothing else, so that to remove it restores the file.
//
// A collection may be edited once, by one kind of edit. Of collections one
// within the other, edit the inner first. FAILED_PRECONDITION, with the place,
// for what came by an alias, since the edit would change something else, and
// for a collection with a tag, which is a function's argument.
class Editor {
 public:
  // Borrows the file.
  explicit Editor(const SourceFile& file);

  absl::Status AppendMembers(const Node& mapping,
                             const std::vector<Snippet::Member>& members);
  absl::Status AppendItems(const Node& sequence,
                           const std::vector<Snippet>& items);
  // Before the first item, of which there must be one.
  absl::Status PrependItems(const Node& sequence,
                            const std::vector<Snippet>& items);

  // By index, in order. What is removed at the front may have been prepended;
  // the rest must have been appended. A block collection must keep something.
  absl::Status RemoveMembers(const Node& mapping,
                             const std::vector<size_t>& indexes);
  absl::Status RemoveItems(const Node& sequence,
                           const std::vector<size_t>& indexes);

  std::string Result() const;

 private:
  struct Extent {
    size_t begin = 0;
    size_t end = 0;
  };

  std::vector<Extent> Elements(const Node& collection) const;
  size_t EndOfLine(const Node& collection) const;
  Style StyleFor(const Node& collection,
                 const std::vector<Extent>& elements) const;
  std::string Separator(const Style& style, const std::vector<Extent>& elements,
                        const Node& collection) const;
  absl::Status Check(const Node& collection) const;
  absl::Status Append(const Node& collection,
                      const std::vector<std::string>& texts,
                      const Style& style);
  absl::StatusOr<Edit> Removal(const Node& collection,
                               const Extent& element) const;
  absl::Status Remove(const Node& collection,
                      const std::vector<size_t>& indexes);

  const SourceFile& file_;
  const Style style_;  // of the file
  std::vector<Edit> edits_;
};

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_EDIT_EDITOR_H_
