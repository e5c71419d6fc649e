#ifndef GATEWATCH_IAC_DOCUMENT_H_
#define GATEWATCH_IAC_DOCUMENT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gatewatch::iac {

// Bytes of a file: [begin, end), and where they begin, for people.
struct Span {
  size_t begin = 0;
  size_t end = 0;
  int line = 1;    // from 1
  int column = 1;  // from 1, in bytes
};

// One value of a JSON or YAML text (RFC 8259, YAML 1.1 as libyaml reads it).
// A tree of values, owned by the Document that it is part of.
struct Node {
  enum class Kind { kScalar, kSequence, kMapping };
  struct Member;

  Kind kind = Kind::kScalar;
  std::string tag;     // as written: "!Sub", "!!str"; mostly empty
  std::string text;    // kScalar: decoded
  bool plain = false;  // kScalar: without quotes, so perhaps a number, null …
  bool flow = false;   // a collection in JSON's style: [ ] and { }
  // Came by an alias: the span is the alias's, for this value and all that it
  // holds, and an edit here would change something else.
  bool aliased = false;
  // Of the value with its tag and anchor, without its comment. A block
  // collection ends where its last value does; a block scalar (| or >) with
  // the line break after it.
  Span span;
  std::vector<Node> items;      // kSequence
  std::vector<Member> members;  // kMapping, in the file's order

  // The value of a key; null when there is none or this is no mapping. Keys
  // are compared exactly, or, with the second form, without regard to the case
  // of the first letter (containerDefinitions, ContainerDefinitions).
  const Node* Find(absl::string_view key) const;
  const Node* FindEitherCase(absl::string_view key) const;
  bool IsNull() const;
};

struct Node::Member {
  Node key;  // a scalar
  Node value;
};

// One document of a file (YAML files may hold several, JSON files hold one).
struct Document {
  enum class Format { kJson, kYaml };
  Format format = Format::kYaml;
  Node root;
};

// A file's text with its documents. Aliases are expanded (with a bound), each
// copy with the span of the alias; merge keys (<<) are applied. A key that a
// mapping has twice is an error, since readers differ over which one counts.
//
// A text that begins with { or [ is read as JSON; when it is none, and the name
// does not end in .json, as YAML.
struct SourceFile {
  enum class Encoding { kUtf8, kUtf16Little, kUtf16Big };

  std::string name;
  std::string text;  // UTF-8: what spans point into; a byte order mark stays
  Encoding encoding = Encoding::kUtf8;  // of the bytes that were parsed
  std::vector<Document> documents;

  // Bounded: 16 MiB, 128 levels, two million values of which 200,000 by alias.
  // Errors: INVALID_ARGUMENT "FILE:LINE:COLUMN: what is wrong".
  static absl::StatusOr<SourceFile> Parse(std::string name, std::string bytes);
};

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_DOCUMENT_H_
