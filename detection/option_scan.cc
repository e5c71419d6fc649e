#include "detection/option_scan.h"

#include "absl/strings/match.h"

namespace gatewatch::detection {
namespace {

enum class Takes { kUnknown, kNothing, kValue, kAttachedValue };

Takes TakesOf(absl::string_view letters, char letter) {
  const size_t at = letter == ':' ? letters.npos : letters.find(letter);
  if (at == letters.npos) return Takes::kUnknown;
  const absl::string_view behind = letters.substr(at + 1);
  if (absl::StartsWith(behind, "::")) return Takes::kAttachedValue;
  return absl::StartsWith(behind, ":") ? Takes::kValue : Takes::kNothing;
}

}  // namespace

std::vector<ScannedOption> ScanOptions(absl::Span<const std::string> arguments,
                                       absl::string_view letters) {
  std::vector<ScannedOption> options;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--") break;
    if (word.size() < 2 || word[0] != '-' || word[1] == '-') continue;
    for (size_t at = 1; at < word.size(); ++at) {
      const Takes takes = TakesOf(letters, word[at]);
      if (takes == Takes::kUnknown) continue;
      ScannedOption& option = options.emplace_back();
      option.letter = word[at];
      if (takes == Takes::kNothing) continue;
      option.value = word.substr(at + 1);
      if (option.value.empty() && takes == Takes::kValue &&
          i + 1 < arguments.size()) {
        option.value = arguments[++i];
      }
      break;
    }
  }
  return options;
}

}  // namespace gatewatch::detection
