#include "detection/rule_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "detection/rule_item.h"
#include "detection/yaml_documents.h"

namespace gatewatch::detection {

std::string Place::At(const std::string& text, size_t offset) const {
  const auto blank = [](char c) {
    return absl::ascii_isspace(static_cast<unsigned char>(c));
  };
  const auto split =
      text.begin() + static_cast<long>(std::min(offset, text.size()));
  const auto plain = [&](char c) { return !blank(c); };
  auto wanted = static_cast<size_t>(std::count_if(text.begin(), split, plain));
  // At the end of the text the place is right behind its last character.
  const bool at_end = std::none_of(split, text.end(), plain);
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
    if (wanted == 0 && (at_end || plain(file[i]))) break;
    if (plain(file[i])) --wanted;
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
  try {
    for (const YAML::Node& document : LoadYamlDocuments(source.text)) {
      if (document.IsNull()) continue;
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
