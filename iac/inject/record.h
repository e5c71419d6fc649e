#ifndef GATEWATCH_IAC_INJECT_RECORD_H_
#define GATEWATCH_IAC_INJECT_RECORD_H_

#include <cstddef>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "iac/document.h"
#include "iac/inject/target.h"

namespace gatewatch::iac {

// Which keys inject made, as the agent's environment keeps it. Where a list was
// there and only got an item more, the item is known by its name instead.
class Record {
 public:
  Record() = default;
  explicit Record(absl::string_view text);

  void Add(const std::string& key) { keys_.insert(key); }
  bool Has(const std::string& key) const { return keys_.count(key) > 0; }
  std::string Text() const;

 private:
  std::set<std::string> keys_;
};

// A key of a container in a record. Containers go by their name, or, where a
// function makes that up, by their place.
std::string RecordKey(const Node& container, size_t index,
                      absl::string_view key);

// What a container's environment says of the other edits; null where it is not
// of inject's making.
const Node* FindRecord(const Target& target, const Node& container);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_INJECT_RECORD_H_
