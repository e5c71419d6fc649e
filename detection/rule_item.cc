#include "detection/rule_item.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "detection/exception_item.h"
#include "detection/falco_version.h"

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
// What an override can append to.
constexpr absl::string_view kAppendable[] = {
    "condition", "output", "desc", "tags", "exceptions", "items"};
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
    for (const auto& entry : item_) {
      if (!entry.first.IsScalar()) return Fail(entry.first, "a key is text");
    }
    if (item_["list"]) return ReadList();
    if (item_["macro"]) return ReadMacro();
    if (item_["rule"]) return ReadRule();
    if (const YAML::Node version = item_["required_engine_version"]) {
      return RequireEngine(version);
    }
    if (const YAML::Node plugins = item_["required_plugin_versions"]) {
      return RequirePlugins(plugins);
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
    absl::StripTrailingAsciiWhitespace(&into);  // a folded text's line end
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

  // False when there is none, or, which is reported, no truth value.
  bool Flag(const char* key, bool& into) {
    const YAML::Node node = item_[key];
    if (!node) return false;
    if (YAML::convert<bool>::decode(node, into)) return true;
    Fail(node, absl::StrCat(key, " must be true or false"));
    return false;
  }

  // Reads what becomes of an earlier definition of the same name. False when
  // `append` or `override` is wrong: an override says for each key what to do
  // with it.
  bool ReadChanges(const char* name_key) {
    Flag("append", append_);
    const YAML::Node override = item_["override"];
    if (!override) return true;
    const size_t errors = errors_.size();
    if (append_) Fail(override, "append and override exclude each other");
    if (!override.IsMap()) {
      Fail(override, "override must name keys");
      return false;
    }
    for (const auto& entry : override) ReadOverride(entry.first, entry.second);
    for (const auto& entry : item_) {
      const auto key = entry.first.as<std::string>();
      const bool own = key == name_key || key == "override" || key == "append";
      if (!own && !changes_.contains(key)) {
        Fail(entry.first,
             absl::StrCat("override does not say what to do with ", key));
      }
    }
    return errors_.size() == errors;
  }

  void ReadOverride(const YAML::Node& key, const YAML::Node& how) {
    const bool texts = key.IsScalar() && how.IsScalar();
    const std::string name = texts ? key.Scalar() : "";
    const bool append = texts && how.Scalar() == "append";
    changes_[name] = append ? Change::kAppend : Change::kReplace;
    if (!append && !(texts && how.Scalar() == "replace")) {
      return Fail(how, "an override is append or replace");
    }
    if (!item_[name]) {
      Fail(key, absl::StrCat("there is no ", name, " to override with"));
    }
    const bool appendable =
        std::find(std::begin(kAppendable), std::end(kAppendable), name) !=
        std::end(kAppendable);
    if (append && !appendable) {
      Fail(how, absl::StrCat(name, " can only be replaced"));
    }
  }

  // What an item does to the definition of the same name.
  Change ChangeOf(const char* key) const {
    const auto found = changes_.find(key);
    if (found != changes_.end()) return found->second;
    return append_ ? Change::kAppend : Change::kDefine;
  }

  bool ChangesAnEarlierOne() const { return append_ || !changes_.empty(); }

  // Definitions that an append or override needs.
  template <typename Map>
  bool RequireEarlier(const Map& map, const std::string& name) {
    if (!ChangesAnEarlierOne() || map.contains(name)) return true;
    Fail(item_, "there is none of this name to append to or override");
    return false;
  }

  void RequireEngine(const YAML::Node& version) {
    const std::string text = version.IsScalar() ? version.Scalar() : "";
    const auto problem = EngineProblem(text);
    if (problem) Fail(version, *problem);
  }

  // Rules that need a plugin's fields or source say so themselves.
  void RequirePlugins(const YAML::Node& plugins) {
    if (!plugins.IsSequence()) {
      return Fail(plugins, "required_plugin_versions must be a list");
    }
    for (const YAML::Node& plugin : plugins) {
      const bool named = plugin.IsMap() && plugin["name"] &&
                         plugin["name"].IsScalar() && plugin["version"];
      if (!named) {
        Fail(plugin, "a required plugin needs a name and a version");
      } else if (!HasPlugin(plugin["name"].Scalar())) {
        Warn(plugin, absl::StrCat("there is no plugin ",
                                  plugin["name"].Scalar(), " here"));
      }
    }
  }

  void ReadList() {
    CheckKeys(kListKeys);
    std::string name;
    if (!Text("list", name)) return;
    subject_ = absl::StrCat("list ", name, ": ");
    if (!ReadChanges("list")) return;
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
    if (!ReadChanges("macro")) return;
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
    if (!ReadChanges("rule")) return;
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
      Flag("enabled", earlier->enabled);
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
    Flag("enabled", rule.enabled);
    Text("source", rule.source);
    Flag("skip-if-unknown-filter", rule.skip_if_unknown_field);
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

  bool append_ = false;
  std::map<std::string, Change> changes_;  // by key, of an override
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
