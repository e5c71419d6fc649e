#ifndef GATEWATCH_IAC_EDIT_SNIPPET_H_
#define GATEWATCH_IAC_EDIT_SNIPPET_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "iac/document.h"

namespace gatewatch::iac {

// A value that is to be written into a file, in the file's own style.
struct Snippet {
  enum class Kind { kString, kLiteral, kSequence, kMapping, kSource };
  struct Member;

  Kind kind = Kind::kString;
  // kString: decoded; kLiteral: a number, true or false; kSource: text of a
  // block mapping or of a flow or scalar value of the same file, in which the
  // lines after the first are indented as if the first were not.
  std::string text;
  bool block = false;  // kSource: a block mapping
  std::vector<Snippet> items;
  std::vector<Member> members;

  static Snippet String(absl::string_view text);
  static Snippet Number(int number);
  static Snippet Bool(bool value);
  static Snippet Sequence(std::vector<Snippet> items);
  static Snippet Strings(const std::vector<std::string>& texts);
  static Snippet Mapping(std::vector<Member> members);
  // A value of `file`, as it stands there.
  static Snippet Source(const SourceFile& file, const Node& node);
};

struct Snippet::Member {
  std::string key;
  Snippet value;
};

// How the text around an insertion is written.
struct Style {
  bool block = false;     // YAML's style, by indentation; else JSON's
  bool one_line = false;  // JSON's style, without line breaks
  bool json = false;      // JSON itself
  std::string newline = "\n";
  std::string step = "  ";   // one more level of indentation
  std::string colon = ": ";  // JSON's style
  std::string comma = ", ";  // JSON's style, in one line
  std::string indent;        // of the collection's keys or items
};

// `value` as the value of a key, or as an item, of a collection in `style`.
// What is after a key in block style brings the white space before it.
std::string WriteMember(const std::string& key, const Snippet& value,
                        const Style& style);
std::string WriteItem(const Snippet& value, const Style& style);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_EDIT_SNIPPET_H_
