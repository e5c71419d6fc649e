#include "agent/cgroup_path.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace gatewatch::agent {
namespace {

constexpr size_t kMaxContent = 64 << 10;
constexpr size_t kIdDigits = 64;
constexpr size_t kTaskIdDigits = 32;
constexpr size_t kMaxSuffixDigits = 20;

// How runtimes write an id as a systemd scope: "docker-ID.scope".
constexpr absl::string_view kScopePrefixes[] = {
    "docker-", "libpod-", "cri-containerd-", "crio-", "nerdctl-"};

bool AllHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
  });
}

bool AllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(c); });
}

// 64 hexadecimal digits, or on Fargate the task's id, "-" and a number.
bool IsContainerId(absl::string_view text) {
  if (text.size() == kIdDigits) return AllHex(text);
  if (text.size() < kTaskIdDigits + 2 || text[kTaskIdDigits] != '-') {
    return false;
  }
  const absl::string_view number = text.substr(kTaskIdDigits + 1);
  return AllHex(text.substr(0, kTaskIdDigits)) &&
         number.size() <= kMaxSuffixDigits && AllDigits(number);
}

absl::string_view WithoutScope(absl::string_view segment) {
  absl::ConsumeSuffix(&segment, ".scope");
  for (const absl::string_view prefix : kScopePrefixes) {
    if (absl::ConsumePrefix(&segment, prefix)) break;
  }
  return segment;
}

}  // namespace

std::string ContainerIdFromCgroup(absl::string_view content) {
  content = content.substr(0, kMaxContent);
  for (const absl::string_view line : absl::StrSplit(content, '\n')) {
    // hierarchy:controllers:path
    const size_t first = line.find(':');
    if (first == absl::string_view::npos) continue;
    const size_t second = line.find(':', first + 1);
    if (second == absl::string_view::npos) continue;
    for (const absl::string_view segment :
         absl::StrSplit(line.substr(second + 1), '/')) {
      const absl::string_view id = WithoutScope(segment);
      if (IsContainerId(id)) return std::string(id);
    }
  }
  return "";
}

}  // namespace gatewatch::agent
