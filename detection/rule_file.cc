#include "detection/rule_file.h"

#include <yaml-cpp/yaml.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "detection/rule_item.h"
#include "detection/sigma/sigma_rules.h"
#include "detection/yaml_documents.h"

namespace gatewatch::detection {

std::string Unquoted(std::string value) {
  const bool quoted = value.size() >= 2 && value.front() == value.back() &&
                      (value.front() == '"' || value.front() == '\'');
  return quoted ? value.substr(1, value.size() - 2) : value;
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
                  sigma::SigmaRules& sigma, std::vector<std::string>& errors,
                  std::vector<std::string>& warnings) {
  const auto fail = [&](const YAML::Mark& mark, absl::string_view what) {
    errors.push_back(absl::StrCat(source.name, ":", mark.line + 1, ":",
                                  mark.column + 1, ": ", what));
  };
  try {
    for (const YAML::Node& document : LoadYamlDocuments(source.text)) {
      if (document.IsNull()) continue;
      if (sigma::SigmaRules::IsSigma(document)) {
        sigma.Add(source, document, errors);
        continue;
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
