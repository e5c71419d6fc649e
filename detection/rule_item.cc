#include "detection/rule_item.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "detection/exception_item.h"

namespace gatewatch::detection {
namespace {

constexpr absl::string_view kRuleKeys[] = {"rule",
                                           "desc",
                                           "condition",
                                           "output",
                                           "priority",
                                           "source",
                                           "enabled",
                                           "tags",
                                           "exceptions",
                                           "append",
                                           "override",
                                           "warn_evttypes",
                                           "skip-if-unknown-filter",
                                           "capture",
                                           "capture_duration"};
constexpr absl::string_view kMacroKeys[] = {"macro", "condition", "append",
                                            "override"};
constexpr absl::string_view kListKeys[] = {"list", "items", "append",
                                           "override"};

class ItemReader {
 public:
  ItemReader(const RuleSource& source, const YAML::Node& item,
             Definitions& definitions, std::vector<std::string>& errors,
             std::vector<std::string>& warnings)
      : source_(source),
        item_(item),
        definitions_(definitions),
        errors_(errors),
        warnings_(warnings) {}

  void Read() {
    if (!item_.IsMap()) {
      return Fail(item_, "expected a rule, macro or list");
    }
    if (item_["list"]) return ReadList();
    if (item_["macro"]) return ReadMacro();
    if (item_["rule"]) return ReadRule();
    if (item_["required_engine_version"] || item_["required_plugin_versions"]) {
      return;
    }
    Warn(item_, "unknown item: neither rule, macro nor list");
  }

 private:
  enum class Change { kDefine, kAppend, kReplace };

  std::string At(const YAML::Node& node) const {
    return PlaceOf(source_, node).Text();
  }
  void Fail(const YAML::Node& node, absl::string_view what) {
    errors_.push_back(absl::StrCat(At(node), ": ", subject_, what));
  }
  void Warn(const YAML::Node& node, absl::string_view what) {
    warnings_.push_back(absl::StrCat(At(node), ": ", subject_, what));
  }

  void CheckKeys(absl::Span<const absl::string_view> known) {
    for (const auto& entry : item_) {
      const auto key = entry.first.as<std::string>();
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        Warn(entry.first, absl::StrCat("unknown key ", key));
      }
    }
  }

  bool Text(const char* key, std::string& into) {
    const YAML::Node node = item_[key];
    if (!node) return false;
    if (!node.IsScalar()) {
      Fail(node, absl::StrCat(key, " must be text"));
      return false;
    }
    into = node.as<std::string>();
    return true;
  }

  bool Texts(const YAML::Node& node, absl::string_view what,
             std::vector<std::string>& into) {
    if (!node.IsSequence()) {
      Fail(node, absl::StrCat(what, " must be a list"));
      return false;
    }
    for (const YAML::Node& each : node) {
      if (!each.IsScalar()) {
        Fail(each, absl::StrCat(what, " must hold text only"));
        return false;
      }
      into.push_back(each.as<std::string>());
    }
    return true;
  }

  // What an item does to the definition of the same name.
  Change ChangeOf(const char* key) {
    if (const YAML::Node override = item_["override"];
        override && override.IsMap() && override[key]) {
      const auto how = override[key].as<std::string>();
      if (how == "append") return Change::kAppend;
      if (how == "replace") return Change::kReplace;
      Fail(override[key], "an override is append or replace");
    }
    const YAML::Node append = item_["append"];
    return append && append.as<bool>(false) ? Change::kAppend : Change::kDefine;
  }

  bool ChangesAnEarlierOne() const {
    const YAML::Node append = item_["append"];
    return item_["override"].IsDefined() || (append && append.as<bool>(false));
  }

  // Definitions that an append or override needs.
  template <typename Map>
  bool RequireEarlier(const Map& map, const std::string& name) {
    if (!ChangesAnEarlierOne() || map.contains(name)) return true;
    Fail(item_, "there is none of this name to append to or override");
    return false;
  }

  void ReadList() {
    CheckKeys(kListKeys);
    std::string name;
    if (!Text("list", name)) return;
    subject_ = absl::StrCat("list ", name, ": ");
    std::vector<std::string> items;
    if (!item_["items"]) return Fail(item_, "items are missing");
    if (!Texts(item_["items"], "items", items)) return;
    if (!RequireEarlier(definitions_.lists, name)) return;
    definitions_.lists[name].place = PlaceOf(source_, item_);
    std::vector<std::string>& all = definitions_.lists[name].items;
    if (ChangeOf("items") != Change::kAppend) all.clear();
    for (std::string& item : items) all.push_back(Unquoted(std::move(item)));
  }

  void ReadMacro() {
    CheckKeys(kMacroKeys);
    std::string name, condition;
    if (!Text("macro", name)) return;
    subject_ = absl::StrCat("macro ", name, ": ");
    if (!Text("condition", condition)) {
      return Fail(item_, "the condition is missing");
    }
    if (!RequireEarlier(definitions_.macros, name)) return;
    ChangeText("condition", condition, definitions_.macros[name].condition);
  }

  void ChangeText(const char* key, const std::string& text, PlacedText& into) {
    if (ChangeOf(key) == Change::kAppend && !into.empty()) {
      into.Append(text, PlaceOf(source_, item_[key]));
    } else {
      into.Set(text, PlaceOf(source_, item_[key]));
    }
  }

  RuleDefinition* FindRule(const std::string& name) {
    const auto found = definitions_.rule_index.find(name);
    return found == definitions_.rule_index.end()
               ? nullptr
               : &definitions_.rules[found->second];
  }

  void ReadRule() {
    CheckKeys(kRuleKeys);
    std::string name;
    if (!Text("rule", name)) return;
    subject_ = absl::StrCat("rule ", name, ": ");
    RuleDefinition* earlier = FindRule(name);
    if (ChangesAnEarlierOne()) {
      if (earlier == nullptr) {
        return Fail(item_,
                    "there is none of this name to append to or "
                    "override");
      }
      return ChangeRule(*earlier);
    }
    // An item with nothing but `enabled` switches an earlier rule.
    if (earlier != nullptr && item_.size() == 2 && item_["enabled"]) {
      earlier->enabled = item_["enabled"].as<bool>();
      return;
    }
    RuleDefinition rule;
    rule.name = name;
    for (const char* key : {"desc", "condition", "output", "priority"}) {
      if (!item_[key]) Fail(item_, absl::StrCat(key, " is missing"));
    }
    rule.place = PlaceOf(source_, item_);
    ChangeRule(rule);
    if (earlier != nullptr) {
      *earlier = std::move(rule);
    } else {
      definitions_.rule_index[name] = definitions_.rules.size();
      definitions_.rules.push_back(std::move(rule));
    }
  }

  void ChangeRule(RuleDefinition& rule) {
    std::string text;
    if (Text("desc", text)) {
      const bool append = ChangeOf("desc") == Change::kAppend;
      rule.description =
          append ? absl::StrCat(rule.description, " ", text) : text;
    }
    if (Text("condition", text)) ChangeText("condition", text, rule.condition);
    if (Text("output", text)) ChangeText("output", text, rule.output);
    if (Text("priority", text)) {
      rule.severity = SeverityOf(text);
      if (rule.severity == v1::SEVERITY_UNSPECIFIED) {
        Fail(item_["priority"], absl::StrCat("no such priority: ", text));
      }
    }
    if (item_["enabled"]) rule.enabled = item_["enabled"].as<bool>();
    if (Text("source", text) && text != "syscall") {
      Fail(item_["source"],
           absl::StrCat("source ", text, " is not supported; only syscall"));
    }
    if (const YAML::Node tags = item_["tags"]) {
      if (ChangeOf("tags") != Change::kAppend) rule.tags.clear();
      Texts(tags, "tags", rule.tags);
    }
    if (const YAML::Node exceptions = item_["exceptions"]) {
      if (ChangeOf("exceptions") == Change::kReplace) rule.exceptions.clear();
      ReadExceptions(
          source_, exceptions,
          [this](const YAML::Node& node, absl::string_view what) {
            Fail(node, what);
          },
          rule.exceptions);
    }
  }

  const RuleSource& source_;
  const YAML::Node& item_;
  Definitions& definitions_;
  std::vector<std::string>& errors_;
  std::vector<std::string>& warnings_;
  std::string subject_;  // "rule NAME: "
};

}  // namespace

void ReadRuleItem(const RuleSource& source, const YAML::Node& item,
                  Definitions& definitions, std::vector<std::string>& errors,
                  std::vector<std::string>& warnings) {
  ItemReader(source, item, definitions, errors, warnings).Read();
}

}  // namespace gatewatch::detection
