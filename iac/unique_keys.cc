#include "iac/unique_keys.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

namespace gatewatch::iac {

absl::Status CheckUniqueKeys(const Node& mapping, const TextLines& lines) {
  absl::flat_hash_set<absl::string_view> seen;
  for (const Node::Member& member : mapping.members) {
    if (!seen.insert(member.key.text).second) {
      return lines.Error(
          member.key.span.begin,
          absl::StrCat("the key \"", member.key.text, "\" stands here twice"));
    }
  }
  return absl::OkStatus();
}

}  // namespace gatewatch::iac
