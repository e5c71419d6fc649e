#include "iac/checks/capabilities.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"

namespace gatewatch::iac {

std::string CapabilityName(absl::string_view written) {
  const std::string upper = absl::AsciiStrToUpper(written);
  return std::string(absl::StripPrefix(upper, "CAP_"));
}

bool NamesCapability(const TextList& list, absl::string_view name) {
  return absl::c_any_of(list.value, [&](const Text& text) {
    const std::string written = CapabilityName(text.value);
    return text.known() && (written == name || written == "ALL");
  });
}

}  // namespace gatewatch::iac
