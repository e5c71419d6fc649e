#include "detection/falco_version.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace gatewatch::detection {
namespace {

using Version = std::array<uint32_t, 3>;

// Falco 0.44's.
constexpr Version kEngine = {0, 63, 0};
constexpr absl::string_view kPlugins[] = {"container", "json"};

std::optional<Version> ParseVersion(absl::string_view text) {
  // What follows a hyphen or a plus says nothing about the order.
  text = text.substr(0, text.find_first_of("-+"));
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  Version version = {0, 0, 0};
  if (parts.size() == 1) {
    if (!absl::SimpleAtoi(parts[0], &version[1])) return std::nullopt;
    return version;
  }
  if (parts.size() != version.size()) return std::nullopt;
  for (size_t i = 0; i < version.size(); ++i) {
    if (!absl::SimpleAtoi(parts[i], &version[i])) return std::nullopt;
  }
  return version;
}

}  // namespace

std::optional<std::string> EngineProblem(absl::string_view required) {
  const std::optional<Version> version = ParseVersion(required);
  if (!version) {
    return absl::StrCat("\"", required, "\" is no engine version");
  }
  if ((*version)[0] == kEngine[0] && *version <= kEngine) return std::nullopt;
  return absl::StrCat("needs Falco's engine ", required, "; known is ",
                      kEngine[0], ".", kEngine[1], ".", kEngine[2]);
}

bool HasPlugin(absl::string_view name) {
  return std::find(std::begin(kPlugins), std::end(kPlugins), name) !=
         std::end(kPlugins);
}

}  // namespace gatewatch::detection
