#include "cli/rule_options.h"

#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/escape.h"

namespace gatewatch::cli {
namespace {

// "exception", "suppression", "built in"
std::string KindName(v1::Silence::Kind kind) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(absl::StripPrefix(
                                 v1::Silence::Kind_Name(kind), "KIND_")),
                             {{"_", " "}});
}

}  // namespace

void AddTuningOptions(CLI::App& command, detection::RulePaths& paths) {
  command.add_option("--lists", paths.lists,
                     "folder of files NAME.txt that replace the rules' lists "
                     "NAME");
  command.add_option("--tuning", paths.tuning,
                     "tuning file: what to change about rules, exceptions, "
                     "suppressions");
}

std::string DescribeSilence(const v1::Silence& silence) {
  std::vector<std::string> limits;
  const auto add = [&limits](const char* what, const std::string& text) {
    if (!text.empty()) limits.push_back(absl::StrCat(what, text));
  };
  add("", silence.when());
  add("", silence.workload());
  add("where ", silence.condition());
  std::string text =
      absl::StrCat(KindName(silence.kind()), " ", silence.name());
  if (!limits.empty()) {
    absl::StrAppend(&text, " (", absl::StrJoin(limits, "; "), ")");
  }
  if (!silence.reason().empty()) absl::StrAppend(&text, ": ", silence.reason());
  return EscapeForTerminal(text);
}

}  // namespace gatewatch::cli
