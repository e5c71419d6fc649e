#include "iac/model/unreadable.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "re2/re2.h"

namespace gatewatch::iac {
namespace {

constexpr size_t kLookedAt = 1 << 20;
constexpr size_t kShown = 60;

// A pattern where one word is not enough: a manifest has both lines.
constexpr char kOurs[] =
    R"((?i)container_?definitions|AWSTemplateFormatVersion|"?resource_changes|)"
    R"("?planned_values|Type"?:\s*["']?AWS::)";
constexpr char kManifest[] = R"((?ms)^\s*"?apiVersion"?:.*^\s*"?kind"?:|)"
                             R"(^\s*"?kind"?:.*^\s*"?apiVersion"?:)";
// A value that is left open, where JSON has none: not in quotes.
constexpr char kPlaceholder[] =
    R"((?m)[:\[,]\s*(\$\{?\w+\}?|<[^<>\n]*>|@@?\w+@@?|%\w+%))";

}  // namespace

Looks LooksOf(absl::string_view bytes) {
  // UTF-16 is seen without its zeros.
  const std::string text = absl::StrReplaceAll(
      bytes.substr(0, kLookedAt), {{absl::string_view("\0", 1), ""}});
  Looks looks;
  looks.like_ours =
      RE2::PartialMatch(text, kOurs) || RE2::PartialMatch(text, kManifest);
  looks.is_helm =
      RE2::PartialMatch(text, R"((\{\{.*?\}\}))", &looks.placeholder);
  if (!looks.is_helm) {
    RE2::PartialMatch(text, kPlaceholder, &looks.placeholder);
  }
  looks.placeholder.resize(std::min(looks.placeholder.size(), kShown));
  return looks;
}

absl::Status Unreadable(const absl::Status& error, const Looks& looks) {
  if (looks.placeholder.empty()) return error;
  const absl::string_view advice =
      looks.is_helm ? "; render it first (helm template CHART | gatewatch lint "
                      "-)"
                    : "; fill it in first (envsubst < FILE | gatewatch lint -)";
  return absl::Status(error.code(),
                      absl::StrCat(error.message(), "; it holds the ",
                                   looks.is_helm ? "template " : "placeholder ",
                                   looks.placeholder, advice));
}

}  // namespace gatewatch::iac
