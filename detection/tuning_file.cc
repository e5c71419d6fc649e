#include "detection/tuning_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "detection/rule_file.h"
#include "detection/yaml_documents.h"

namespace gatewatch::detection {
namespace {

using Kind = TuningItem::Kind;
using Keys = std::vector<absl::string_view>;

struct Section {
  absl::string_view name;
  absl::string_view item;  // what one of its items is called
  Kind kind;
  Keys keys;
  Keys required;
};

const Section kSections[] = {
    {"rules",
     "override",
     Kind::kRule,
     {"rule", "enabled", "severity", "and", "reason"},
     {"rule"}},
    {"severities",
     "severity",
     Kind::kSeverity,
     {"severity", "rules", "workload", "condition", "reason"},
     {"severity"}},
    {"exceptions",
     "exception",
     Kind::kException,
     {"name", "rules", "workload", "condition", "reason"},
     {"name"}},
    {"suppressions",
     "suppression",
     Kind::kSuppression,
     {"name", "rules", "workload", "condition", "reason", "weekly", "from",
      "until"},
     {"name"}},
};

struct SelectorRow {
  absl::string_view key;
  std::vector<std::string> fields;
};
const SelectorRow kSelectors[] = {
    {"task_family", {"ecs.task.family"}},
    {"service", {"ecs.service"}},
    {"cluster", {"ecs.cluster"}},
    {"container", {"container.name"}},
    {"image", {"container.image", "container.image.repository"}},
    {"namespace", {"k8s.ns.name"}},
    {"pod", {"k8s.pod.name"}},
    {"service_account", {"k8s.sa.name"}},
    {"host", {"host.name"}},
    {"agent", {"agent.id"}},
};

// Reads one item; a value that is wrong is reported and left at its default.
class ItemReader {
 public:
  ItemReader(const RuleSource& source, const Section& section,
             const YAML::Node& node, std::vector<std::string>& errors)
      : source_(source), section_(section), node_(node), errors_(errors) {}

  TuningItem Read() {
    item_.kind = section_.kind;
    item_.place = PlaceOf(source_, node_);
    if (!node_.IsMap()) {
      Fail(node_, "expected keys with values");
      return std::move(item_);
    }
    item_.name = Text("name");  // first: messages bear it
    CheckKeys();
    item_.reason = Text("reason");
    ReadRules();
    ReadWorkload();
    ReadCondition();
    ReadChanges();
    ReadSchedule();
    CheckLimits();
    return std::move(item_);
  }

 private:
  void Fail(const YAML::Node& node, absl::string_view what) {
    const std::string& name = item_.name.empty() && !item_.rules.empty()
                                  ? item_.rules[0].name
                                  : item_.name;
    errors_.push_back(absl::StrCat(PlaceOf(source_, node).Text(), ": ",
                                   section_.item, name.empty() ? "" : " ", name,
                                   ": ", what));
  }

  void CheckKeys() {
    std::set<std::string> seen;
    for (const auto& entry : node_) {
      const std::string key =
          entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (std::find(section_.keys.begin(), section_.keys.end(), key) ==
          section_.keys.end()) {
        Fail(entry.first, absl::StrCat("unknown key ", key, "; there are ",
                                       absl::StrJoin(section_.keys, ", ")));
      } else if (!seen.insert(key).second) {
        Fail(entry.first, absl::StrCat("the key ", key, " is there twice"));
      }
    }
    for (const absl::string_view key : section_.required) {
      if (!seen.contains(std::string(key))) {
        Fail(node_, absl::StrCat("the key ", key, " is missing"));
      }
    }
  }

  // Empty when there is none.
  std::string Text(const char* key) {
    const YAML::Node node = node_[key];
    if (!node) return "";
    std::string text = node.IsScalar() ? node.Scalar() : "";
    absl::StripAsciiWhitespace(&text);
    if (text.empty()) Fail(node, absl::StrCat(key, " must be text"));
    return text;
  }

  // One text, or a list of them.
  std::vector<YAML::Node> Texts(const YAML::Node& node, absl::string_view key) {
    std::vector<YAML::Node> texts;
    if (node.IsScalar()) texts.push_back(node);
    if (node.IsSequence()) {
      for (const YAML::Node& each : node) texts.push_back(each);
    }
    const bool text =
        std::all_of(texts.begin(), texts.end(), [](const YAML::Node& each) {
          return each.IsScalar() && !each.Scalar().empty();
        });
    if (text && !texts.empty()) return texts;
    Fail(node, absl::StrCat(key, " must be a text or a list of texts"));
    return {};
  }

  void ReadRules() {
    const char* key = item_.kind == Kind::kRule ? "rule" : "rules";
    const YAML::Node node = node_[key];
    if (!node) return;
    if (item_.kind == Kind::kRule && !node.IsScalar()) {
      return Fail(node, "rule must be the name of one rule");
    }
    for (const YAML::Node& each : Texts(node, key)) {
      item_.rules.push_back({each.Scalar(), PlaceOf(source_, each)});
    }
  }

  void ReadWorkload() {
    const YAML::Node node = node_["workload"];
    if (!node) return;
    if (!node.IsMap() || node.size() == 0) {
      return Fail(node, "workload must be keys with values");
    }
    for (const auto& entry : node) {
      const std::string key =
          entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (FieldsOfSelector(key).empty()) {
        Fail(entry.first,
             absl::StrCat("a workload is not known by ", key, "; it is by ",
                          absl::StrJoin(kSelectors, ", ",
                                        [](std::string* out, const auto& row) {
                                          absl::StrAppend(out, row.key);
                                        })));
        continue;
      }
      TuningItem::Selector& selector = item_.workload.emplace_back();
      selector.key = key;
      for (const YAML::Node& each : Texts(entry.second, key)) {
        selector.globs.push_back(each.Scalar());
      }
    }
  }

  void ReadCondition() {
    const char* key = item_.kind == Kind::kRule ? "and" : "condition";
    if (std::string text = Text(key); !text.empty()) {
      item_.condition.Set(std::move(text), PlaceOf(source_, node_[key]));
    }
  }

  void ReadChanges() {
    if (const YAML::Node node = node_["enabled"]) {
      bool enabled = false;
      if (!YAML::convert<bool>::decode(node, enabled)) {
        return Fail(node, "enabled must be true or false");
      }
      item_.enabled = enabled;
    }
    const std::string severity = Text("severity");
    if (severity.empty()) return;
    item_.severity = SeverityOf(severity);
    if (item_.severity == v1::SEVERITY_UNSPECIFIED) {
      Fail(node_["severity"],
           absl::StrCat(severity,
                        " is no severity; there are emergency, alert, "
                        "critical, error, warning, notice, info, debug"));
    }
  }

  void ReadSchedule() {
    if (item_.kind != Kind::kSuppression) return;
    const std::string weekly = Text("weekly");
    const std::string from = Text("from");
    const std::string until = Text("until");
    if (weekly.empty() == (from.empty() && until.empty())) {
      return Fail(node_, "it needs either weekly, or from, until or both");
    }
    const auto schedule =
        weekly.empty() ? Schedule::Span(from, until) : Schedule::Weekly(weekly);
    if (!schedule.ok()) {
      const char* key = !weekly.empty() ? "weekly"
                        : from.empty()  ? "until"
                                        : "from";
      return Fail(node_[key], schedule.status().message());
    }
    item_.schedule = *schedule;
    item_.when =
        !weekly.empty()
            ? weekly
            : absl::StrCat(from, from.empty() ? "until " : " until ", until);
  }

  // What would hold for everything is a mistake more often than a wish.
  void CheckLimits() {
    if (item_.kind == Kind::kRule) {
      if (item_.enabled || item_.severity != v1::SEVERITY_UNSPECIFIED ||
          !item_.condition.empty() || node_["enabled"] || node_["severity"]) {
        return;
      }
      return Fail(node_, "it changes nothing: give enabled, severity or and");
    }
    if (!node_["rules"] && !node_["workload"] && !node_["condition"]) {
      Fail(node_,
           "it would hold for every alert: give rules, workload or condition");
    }
  }

  const RuleSource& source_;
  const Section& section_;
  const YAML::Node& node_;
  std::vector<std::string>& errors_;
  TuningItem item_;
};

// Reads the lists of one document.
void ReadDocument(const RuleSource& source, const YAML::Node& document,
                  std::vector<TuningItem>& items,
                  std::vector<std::string>& errors) {
  const auto fail = [&](const YAML::Node& node, absl::string_view what) {
    errors.push_back(absl::StrCat(PlaceOf(source, node).Text(), ": ", what));
  };
  constexpr absl::string_view kExpected =
      "a tuning file has the lists rules, severities, exceptions and "
      "suppressions";
  if (!document.IsMap()) return fail(document, kExpected);
  for (const auto& entry : document) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    const auto* const section =
        std::find_if(std::begin(kSections), std::end(kSections),
                     [&](const Section& each) { return each.name == name; });
    if (section == std::end(kSections)) {
      fail(entry.first, kExpected);
    } else if (entry.second.IsSequence()) {
      for (const YAML::Node& item : entry.second) {
        items.push_back(ItemReader(source, *section, item, errors).Read());
      }
    } else if (!entry.second.IsNull()) {
      fail(entry.second, absl::StrCat(name, " must be a list"));
    }
  }
}

}  // namespace

std::vector<std::string> FieldsOfSelector(absl::string_view key) {
  for (const SelectorRow& row : kSelectors) {
    if (row.key == key) return row.fields;
  }
  return {};
}

void ReadTuningFile(const RuleSource& source, std::vector<TuningItem>& items,
                    std::vector<std::string>& errors) {
  try {
    for (const YAML::Node& document : LoadYamlDocuments(source.text)) {
      if (!document.IsNull()) ReadDocument(source, document, items, errors);
    }
  } catch (const YAML::Exception& exception) {
    errors.push_back(absl::StrCat(source.name, ":", exception.mark.line + 1,
                                  ":", exception.mark.column + 1, ": ",
                                  exception.msg));
  }
}

}  // namespace gatewatch::detection
