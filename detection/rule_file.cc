#include "detection/rule_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "detection/rule_item.h"

namespace gatewatch::detection {
namespace {

constexpr size_t kFileLimit = 16 << 20;
constexpr size_t kNodeLimit = 1'000'000;
constexpr int kDepthLimit = 64;

// Whether a document, with its aliases followed, stays within bounds.
bool IsBounded(const YAML::Node& node, size_t& nodes, int depth) {
  if (++nodes > kNodeLimit || depth > kDepthLimit) return false;
  if (!node.IsSequence() && !node.IsMap()) return true;
  for (const auto& child : node) {
    const bool bounded = node.IsMap()
                             ? IsBounded(child.first, nodes, depth + 1) &&
                                   IsBounded(child.second, nodes, depth + 1)
                             : IsBounded(child, nodes, depth + 1);
    if (!bounded) return false;
  }
  return true;
}

// Parentheses deep enough to overflow the YAML parser's stack.
bool NestsTooDeeply(absl::string_view text) {
  int depth = 0, deepest = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if (c == ']' || c == '}') --depth;
  }
  return deepest > 1000;
}

}  // namespace

std::string Place::At(const std::string& text, size_t offset) const {
  const auto blank = [](char c) {
    return absl::ascii_isspace(static_cast<unsigned char>(c));
  };
  offset = std::min(offset, text.size());
  auto wanted = static_cast<size_t>(
      std::count_if(text.begin(), text.begin() + static_cast<long>(offset),
                    [&](char c) { return !blank(c); }));
  int at_line = 0, at_column = 0;
  const std::string& file = source->text;
  size_t i = 0;
  // To the scalar; behind the header of a block scalar (">", "|-").
  while (i < file.size() && at_line < line) at_line += file[i++] == '\n';
  i += static_cast<size_t>(column);
  at_column = column;
  if (i < file.size() && (file[i] == '>' || file[i] == '|')) {
    while (i < file.size() && file[i] != '\n') ++i;
  } else if (i < file.size() && (file[i] == '"' || file[i] == '\'')) {
    ++i;
    ++at_column;
  }
  for (; i < file.size(); ++i) {
    if (!blank(file[i]) && wanted-- == 0) break;
    at_column = file[i] == '\n' ? 0 : at_column + 1;
    at_line += file[i] == '\n';
  }
  return absl::StrCat(source->name, ":", at_line + 1, ":", at_column + 1);
}

v1::Severity SeverityOf(const std::string& priority) {
  struct Row {
    absl::string_view name;
    v1::Severity severity;
  };
  constexpr Row kRows[] = {
      {"EMERGENCY", v1::SEVERITY_EMERGENCY},
      {"ALERT", v1::SEVERITY_ALERT},
      {"CRITICAL", v1::SEVERITY_CRITICAL},
      {"ERROR", v1::SEVERITY_ERROR},
      {"WARNING", v1::SEVERITY_WARNING},
      {"NOTICE", v1::SEVERITY_NOTICE},
      {"INFORMATIONAL", v1::SEVERITY_INFORMATIONAL},
      {"INFO", v1::SEVERITY_INFORMATIONAL},
      {"DEBUG", v1::SEVERITY_DEBUG},
  };
  const std::string upper = absl::AsciiStrToUpper(priority);
  for (const Row& row : kRows) {
    if (row.name == upper) return row.severity;
  }
  return v1::SEVERITY_UNSPECIFIED;
}

void ReadRuleFile(const RuleSource& source, Definitions& definitions,
                  std::vector<std::string>& errors,
                  std::vector<std::string>& warnings) {
  const auto fail = [&](const YAML::Mark& mark, absl::string_view what) {
    errors.push_back(absl::StrCat(source.name, ":", mark.line + 1, ":",
                                  mark.column + 1, ": ", what));
  };
  if (source.text.size() > kFileLimit || NestsTooDeeply(source.text)) {
    return fail({}, "the file is too large or nested too deeply");
  }
  try {
    for (const YAML::Node& document : YAML::LoadAll(source.text)) {
      if (document.IsNull()) continue;
      size_t nodes = 0;
      if (!IsBounded(document, nodes, 0)) {
        return fail({}, "the file expands to too many values");
      }
      if (!document.IsSequence()) {
        fail(document.Mark(), "a rule file is a list of rules, macros, lists");
        continue;
      }
      for (const YAML::Node& item : document) {
        ReadRuleItem(source, item, definitions, errors, warnings);
      }
    }
  } catch (const YAML::Exception& exception) {
    fail(exception.mark, exception.msg);
  }
}

}  // namespace gatewatch::detection
