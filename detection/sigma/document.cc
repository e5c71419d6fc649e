#include "detection/sigma/document.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/status.h"

namespace gatewatch::detection::sigma {
namespace {

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

struct LevelRow {
  absl::string_view level;
  v1::Severity severity;
};
constexpr LevelRow kLevels[] = {
    {"critical", v1::SEVERITY_CRITICAL},
    {"high", v1::SEVERITY_ERROR},
    {"medium", v1::SEVERITY_WARNING},
    {"low", v1::SEVERITY_NOTICE},
    {"informational", v1::SEVERITY_INFORMATIONAL},
    {"", v1::SEVERITY_NOTICE},  // it need not be there
};

// Techniques and tactics as the other rules write them, "T1552.001" and
// "mitre_credential_access"; what is no ATT&CK as it is.
std::string TagOf(const std::string& written) {
  absl::string_view tag = written;
  if (!absl::ConsumePrefix(&tag, "attack.") || tag.empty()) return written;
  constexpr absl::string_view kNumbered = "tgs";  // technique, group, software
  const bool numbered = kNumbered.find(tag[0]) != kNumbered.npos &&
                        tag.size() > 1 &&
                        absl::ascii_isdigit(static_cast<unsigned char>(tag[1]));
  if (numbered) return absl::AsciiStrToUpper(tag);
  return absl::StrCat("mitre_", absl::StrReplaceAll(tag, {{"-", "_"}}));
}

absl::StatusOr<std::string> TextAt(const YAML::Node& node, const char* key,
                                   YAML::Node& at) {
  GATEWATCH_ASSIGN_OR_RETURN(const auto texts, TextsAt(node, key, at));
  return absl::StrJoin(texts, " ");
}

// `skipped` is a key that is no selection, besides the condition.
absl::StatusOr<Detection> ReadDetection(const YAML::Node& node,
                                        absl::string_view skipped,
                                        YAML::Node& at) {
  at.reset(node);
  if (!node.IsMap()) return Wrong("a detection is a map of selections");
  Detection detection;
  for (const auto& entry : node) {
    at.reset(entry.first);
    if (!entry.first.IsScalar() || entry.first.Scalar().empty()) {
      return Wrong("the name of a selection is a text");
    }
    const std::string& name = entry.first.Scalar();
    if (name == "timeframe") {
      detection.has_timeframe = true;
    } else if (name != "condition" && name != skipped) {
      detection.selections.push_back({name, entry.second});
    }
  }
  GATEWATCH_ASSIGN_OR_RETURN(detection.conditions,
                             TextsAt(node, "condition", at));
  at.reset(node);
  if (detection.conditions.empty()) return Wrong("there is no condition");
  return detection;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> TextsAt(const YAML::Node& node,
                                                 const char* key,
                                                 YAML::Node& at) {
  std::vector<std::string> texts;
  const YAML::Node value = node[key];
  if (!value || value.IsNull()) return texts;
  at.reset(value);
  if (value.IsScalar()) return std::vector<std::string>{value.Scalar()};
  if (!value.IsSequence()) return Wrong(absl::StrCat(key, " is text"));
  for (const YAML::Node& each : value) {
    at.reset(each);
    if (!each.IsScalar()) return Wrong(absl::StrCat(key, " holds texts only"));
    texts.push_back(each.Scalar());
  }
  return texts;
}

absl::Status Describe(const YAML::Node& document, v1::Rule& rule,
                      std::string& short_name, YAML::Node& at) {
  rule.set_format("sigma");
  rule.set_enabled(true);
  at.reset(document);
  GATEWATCH_ASSIGN_OR_RETURN(const std::string title,
                             TextAt(document, "title", at));
  rule.set_name(title);
  GATEWATCH_ASSIGN_OR_RETURN(const std::string id, TextAt(document, "id", at));
  rule.set_id(id);
  GATEWATCH_ASSIGN_OR_RETURN(short_name, TextAt(document, "name", at));
  GATEWATCH_ASSIGN_OR_RETURN(const std::string description,
                             TextAt(document, "description", at));
  rule.set_description(description);
  GATEWATCH_ASSIGN_OR_RETURN(const auto tags, TextsAt(document, "tags", at));
  for (const std::string& tag : tags) rule.add_tags(TagOf(tag));
  GATEWATCH_ASSIGN_OR_RETURN(const std::string level,
                             TextAt(document, "level", at));
  for (const LevelRow& row : kLevels) {
    if (absl::EqualsIgnoreCase(row.level, level)) {
      rule.set_severity(row.severity);
    }
  }
  if (rule.severity() == v1::SEVERITY_UNSPECIFIED) {
    return Wrong(absl::StrCat("there is no level ", level));
  }
  if (!title.empty()) return absl::OkStatus();
  at.reset(document);
  return Wrong("there is no title");
}

absl::StatusOr<Rule> ReadRule(const YAML::Node& document, YAML::Node& at) {
  Rule rule;
  GATEWATCH_RETURN_IF_ERROR(
      Describe(document, rule.described, rule.short_name, at));
  at.reset(document);
  const YAML::Node source = document["logsource"];
  if (!source) return Wrong("there is no logsource");
  at.reset(source);
  GATEWATCH_ASSIGN_OR_RETURN(rule.source, ReadLogSource(source));
  const YAML::Node detection = document["detection"];
  if (!detection) return Wrong("there is no detection");
  GATEWATCH_ASSIGN_OR_RETURN(rule.detection, ReadDetection(detection, "", at));
  GATEWATCH_ASSIGN_OR_RETURN(rule.shown_fields,
                             TextsAt(document, "fields", at));
  rule.described.set_condition(YAML::Dump(detection));
  return rule;
}

absl::StatusOr<Filter> ReadFilter(const YAML::Node& document, YAML::Node& at) {
  Filter filter;
  at.reset(document);
  GATEWATCH_ASSIGN_OR_RETURN(filter.title, TextAt(document, "title", at));
  if (const YAML::Node source = document["logsource"]) {
    at.reset(source);
    GATEWATCH_ASSIGN_OR_RETURN(filter.source, ReadLogSource(source));
  }
  const YAML::Node node = document["filter"];
  GATEWATCH_ASSIGN_OR_RETURN(filter.detection,
                             ReadDetection(node, "rules", at));
  GATEWATCH_ASSIGN_OR_RETURN(filter.rules, TextsAt(node, "rules", at));
  if (filter.rules == std::vector<std::string>{"any"}) filter.rules.clear();
  return filter;
}

}  // namespace gatewatch::detection::sigma
