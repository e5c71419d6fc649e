#include "detection/sigma/view.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "detection/comparison.h"
#include "detection/compiled_condition.h"
#include "detection/field.h"
#include "detection/output_format.h"
#include "detection/parser.h"

namespace gatewatch::detection::sigma {
namespace {

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

absl::StatusOr<Operand> ParseOperand(const std::string& text) {
  Operand operand;
  ParseError error;
  if (ParseOutputField(text, operand, error) != text.size()) {
    return Wrong(absl::StrCat("not a field or a function of fields: ", text));
  }
  if (operand.kind == Operand::Kind::kLiteral) {
    operand.kind = Operand::Kind::kField;  // a name without a dot
  }
  // Not kept, but what it finds wrong is found before there is a rule.
  GATEWATCH_RETURN_IF_ERROR(Source::Compile(operand).status());
  return operand;
}

class ViewReader {
 public:
  explicit ViewReader(YAML::Node& at) : at_(at) {}

  absl::StatusOr<View> Read(const YAML::Node& node) {
    at_.reset(node);
    if (!node.IsMap()) return Wrong("a view is a map");
    View view;
    GATEWATCH_ASSIGN_OR_RETURN(view.name, Text(node, "name"));
    GATEWATCH_RETURN_IF_ERROR(ReadSources(node["logsource"], view));
    GATEWATCH_ASSIGN_OR_RETURN(const std::string events, Text(node, "events"));
    if (events != "agent" && events != "json") {
      return Wrong("events are \"agent\" or \"json\"");
    }
    view.json = events == "json";
    GATEWATCH_RETURN_IF_ERROR(ReadWhen(node, view));
    GATEWATCH_ASSIGN_OR_RETURN(view.output, Text(node, "output"));
    ParseError error;
    if (!OutputFormat::Parse(view.output, error)) return Wrong(error.what);
    GATEWATCH_ASSIGN_OR_RETURN(const std::string keywords,
                               Text(node, "keywords"));
    GATEWATCH_ASSIGN_OR_RETURN(view.keywords, ParseOperand(keywords));
    GATEWATCH_RETURN_IF_ERROR(ReadFields(node["fields"], view));
    return view;
  }

 private:
  absl::StatusOr<std::string> Text(const YAML::Node& node, const char* key) {
    at_.reset(node);
    const YAML::Node value = node[key];
    if (!value) return Wrong(absl::StrCat("a view has a key ", key));
    at_.reset(value);
    if (!value.IsScalar()) return Wrong(absl::StrCat(key, " is a text"));
    std::string text = value.Scalar();
    absl::StripTrailingAsciiWhitespace(&text);
    return text;
  }

  absl::Status ReadSources(const YAML::Node& node, View& view) {
    if (!node || !node.IsSequence()) {
      return Wrong("the key logsource is a list of log sources");
    }
    for (const YAML::Node& each : node) {
      at_.reset(each);
      GATEWATCH_ASSIGN_OR_RETURN(LogSource source, ReadLogSource(each));
      view.sources.push_back(std::move(source));
    }
    return absl::OkStatus();
  }

  absl::Status ReadWhen(const YAML::Node& node, View& view) {
    GATEWATCH_ASSIGN_OR_RETURN(const std::string when, Text(node, "when"));
    const std::string text =
        view.json ? absl::StrCat("evt.type = json and (", when, ")") : when;
    ParseError error;
    view.when = ParseCondition(text, nullptr, error);
    if (view.when == nullptr) return Wrong(error.what);
    size_t budget = text.size();
    if (CompiledCondition::Compile(*view.when, nullptr, budget, error) ==
        nullptr) {
      return Wrong(error.what);
    }
    return absl::OkStatus();
  }

  absl::Status ReadFields(const YAML::Node& node, View& view) {
    if (!node) return absl::OkStatus();
    at_.reset(node);
    if (!node.IsMap()) return Wrong("the key fields is a map");
    for (const auto& entry : node) {
      at_.reset(entry.second);
      if (!entry.first.IsScalar() || !entry.second.IsScalar()) {
        return Wrong("a field of Sigma's is a field of ours");
      }
      GATEWATCH_ASSIGN_OR_RETURN(view.fields[entry.first.Scalar()],
                                 ParseOperand(entry.second.Scalar()));
    }
    return absl::OkStatus();
  }

  YAML::Node& at_;
};

absl::Status ReadPlaceholders(const YAML::Node& node,
                              Placeholders& placeholders, YAML::Node& at) {
  at.reset(node);
  if (!node.IsMap()) return Wrong("placeholders are a map of lists");
  for (const auto& entry : node) {
    at.reset(entry.second);
    if (!entry.first.IsScalar()) return Wrong("a placeholder is a text");
    std::vector<std::string>& values = placeholders[entry.first.Scalar()];
    values.clear();
    if (entry.second.IsScalar()) {
      values.push_back(entry.second.Scalar());
      continue;
    }
    for (const YAML::Node& value : entry.second) {
      if (!value.IsScalar()) return Wrong("a placeholder's values are texts");
      values.push_back(value.Scalar());
    }
  }
  return absl::OkStatus();
}

bool Covers(const LogSource& view, const LogSource& rule) {
  const auto covers = [](const std::string& has, const std::string& wanted) {
    return has == "*" || has == wanted;
  };
  return covers(view.category, rule.category) &&
         covers(view.service, rule.service) &&
         (rule.product.empty() || covers(view.product, rule.product));
}

}  // namespace

std::string LogSource::Text() const {
  std::vector<std::string> parts;
  for (const std::string* part : {&product, &category, &service}) {
    if (!part->empty()) parts.push_back(*part);
  }
  return absl::StrJoin(parts, "/");
}

bool View::Fits(const LogSource& source) const {
  return std::any_of(
      sources.begin(), sources.end(),
      [&](const LogSource& covered) { return Covers(covered, source); });
}

Operand View::FieldOf(const std::string& name) const {
  const auto alias = fields.find(name);
  if (alias != fields.end()) return alias->second;
  Operand operand;
  operand.kind = Operand::Kind::kField;
  if (json) {
    operand.text = absl::StrCat("json.value[", name, "]");
  } else if (Field::Find(name).ok()) {
    operand.text = name;
  } else {
    operand.text = absl::StrCat(kUnmappedField, "[", name, "]");
  }
  return operand;
}

const View* Definitions::Find(const LogSource& source) const {
  for (const View& view : views) {
    if (view.Fits(source)) return &view;
  }
  return nullptr;
}

absl::Status ReadDefinitions(const YAML::Node& node, Definitions& definitions,
                             YAML::Node& at) {
  at.reset(node);
  if (!node.IsMap()) return Wrong("sigma: holds views and placeholders");
  for (const auto& entry : node) {
    at.reset(entry.first);
    const std::string key =
        entry.first.IsScalar() ? entry.first.Scalar() : std::string();
    if (key == "placeholders") {
      GATEWATCH_RETURN_IF_ERROR(
          ReadPlaceholders(entry.second, definitions.placeholders, at));
    } else if (key == "views") {
      for (const YAML::Node& each : entry.second) {
        GATEWATCH_ASSIGN_OR_RETURN(View view, ViewReader(at).Read(each));
        definitions.views.push_back(std::move(view));
      }
    } else {
      return Wrong(absl::StrCat("neither views nor placeholders: ", key));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<LogSource> ReadLogSource(const YAML::Node& node) {
  if (!node || !node.IsMap()) return Wrong("a log source is a map");
  LogSource source;
  const std::pair<const char*, std::string*> keys[] = {
      {"category", &source.category},
      {"product", &source.product},
      {"service", &source.service}};
  for (const auto& [key, text] : keys) {
    const YAML::Node value = node[key];
    if (!value || value.IsNull()) continue;
    if (!value.IsScalar()) return Wrong(absl::StrCat(key, " is a text"));
    *text = absl::AsciiStrToLower(value.Scalar());
  }
  return source;
}

}  // namespace gatewatch::detection::sigma
