#include "detection/exception_item.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace gatewatch::detection {
namespace {

using Exception = RuleDefinition::Exception;

// One exception of a rule.
class Reader {
 public:
  Reader(const YAML::Node& node, const ReportNode& fail, Exception& exception)
      : node_(node), fail_(fail), exception_(exception) {}

  // False, and reported, when fields and operators do not fit.
  bool ReadFields() {
    const YAML::Node fields = node_["fields"];
    if (!fields) return Fail(node_, "fields are missing");
    exception_.single = fields.IsScalar();
    if (!Texts(fields, "fields", exception_.fields)) return false;
    const YAML::Node operators = node_["comps"];
    if (!operators) {
      exception_.operators.assign(exception_.fields.size(),
                                  exception_.single ? "in" : "=");
    } else if (!Texts(operators, "comps", exception_.operators)) {
      return false;
    }
    return exception_.operators.size() == exception_.fields.size() ||
           Fail(node_, "as many comps as fields are needed");
  }

  void ReadValues() {
    const YAML::Node values = node_["values"];
    if (!values) return;
    if (!values.IsSequence()) {
      Fail(values, "values must be a list");
      return;
    }
    for (const YAML::Node& each : values) {
      std::vector<std::vector<std::string>> row;
      const bool read = exception_.single ? Value(each, row) : Row(each, row);
      if (read) exception_.values.push_back(std::move(row));
    }
  }

 private:
  bool Fail(const YAML::Node& node, absl::string_view what) {
    fail_(node, absl::StrCat("exception ", exception_.name, ": ", what));
    return false;
  }

  // A text, or a list of them.
  bool Texts(const YAML::Node& node, absl::string_view what,
             std::vector<std::string>& into) {
    if (node.IsScalar()) {
      into.push_back(node.as<std::string>());
      return true;
    }
    const bool texts =
        node.IsSequence() &&
        std::all_of(node.begin(), node.end(),
                    [](const YAML::Node& each) { return each.IsScalar(); });
    if (!texts) {
      return Fail(node, absl::StrCat(what, " must be text or a list of texts"));
    }
    for (const YAML::Node& each : node) into.push_back(each.as<std::string>());
    return true;
  }

  bool Value(const YAML::Node& node,
             std::vector<std::vector<std::string>>& row) {
    return Texts(node, "a value", row.emplace_back());
  }

  // One value a field.
  bool Row(const YAML::Node& node, std::vector<std::vector<std::string>>& row) {
    const size_t fields = exception_.fields.size();
    if (!node.IsSequence() || node.size() != fields) {
      return Fail(node,
                  absl::StrCat(fields, " values are needed, one a field"));
    }
    return std::all_of(node.begin(), node.end(), [&](const YAML::Node& value) {
      return Value(value, row);
    });
  }

  const YAML::Node& node_;
  const ReportNode& fail_;
  Exception& exception_;
};

}  // namespace

void ReadExceptions(const RuleSource& source, const YAML::Node& node,
                    const ReportNode& fail,
                    std::vector<Exception>& exceptions) {
  if (!node.IsSequence()) return fail(node, "exceptions must be a list");
  for (const YAML::Node& each : node) {
    if (!each.IsMap() || !each["name"] || !each["name"].IsScalar()) {
      fail(each, "an exception needs a name");
      continue;
    }
    const auto name = each["name"].as<std::string>();
    const auto known = std::find_if(
        exceptions.begin(), exceptions.end(),
        [&](const Exception& exception) { return exception.name == name; });
    if (known != exceptions.end()) {
      Reader(each, fail, *known).ReadValues();
      continue;
    }
    Exception exception{.name = name, .place = PlaceOf(source, each)};
    Reader reader(each, fail, exception);
    if (!reader.ReadFields()) continue;
    reader.ReadValues();
    exceptions.push_back(std::move(exception));
  }
}

}  // namespace gatewatch::detection
