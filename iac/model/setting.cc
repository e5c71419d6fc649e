#include "iac/model/setting.h"

#include <algorithm>

#include "absl/strings/str_join.h"

namespace gatewatch::iac {

std::string Joined(const TextList& list) {
  return absl::StrJoin(list.value, " ", [](std::string* out, const Text& text) {
    out->append(text.value);
  });
}

bool HoldsUnknown(const TextList& list) {
  return list.unknown() ||
         std::any_of(list.value.begin(), list.value.end(),
                     [](const Text& text) { return text.unknown(); });
}

}  // namespace gatewatch::iac
