#ifndef GATEWATCH_DETECTION_JSON_EVENT_H_
#define GATEWATCH_DETECTION_JSON_EVENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "detection/value.h"

namespace gatewatch::detection {

// A JSON object of any shape, such as a cloud's logs are made of, as fields
// for rules.
//
// A field is a path of keys, joined by dots. A key that has dots itself wins
// over a path through objects. Where the path meets an array, it goes on in
// each of its items.
//
// What a field holds are texts: numbers as they are written (integers
// normalised), true, false, and objects and arrays as compact JSON with their
// keys in the order of the source. An array is that text and each of its items.
//
// Threads: immutable; const methods from any.
class JsonEvent {
 public:
  // INVALID_ARGUMENT: no JSON object, not in UTF-8, or more than 64 levels
  // deep.
  static absl::StatusOr<JsonEvent> Parse(absl::string_view text);

  JsonEvent(JsonEvent&&) noexcept;
  JsonEvent& operator=(JsonEvent&&) noexcept;
  ~JsonEvent();

  // Appends what the field holds; null is nothing. Values borrow from this.
  void Read(absl::string_view path, Values& values) const;
  // Whether the field is there, were it null.
  bool Has(absl::string_view path) const;
  // Appends every text, number and truth value of the event.
  void ReadAll(Values& values) const;
  // The whole as compact JSON.
  std::string Text() const;

  struct Node;

 private:
  explicit JsonEvent(std::unique_ptr<const Node> root);

  std::unique_ptr<const Node> root_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_JSON_EVENT_H_
