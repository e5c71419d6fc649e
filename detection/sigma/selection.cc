#include "detection/sigma/selection.h"

#include <yaml-cpp/yaml.h>

#include <utility>
#include <vector>

#include "base/status.h"
#include "detection/sigma/value_test.h"

namespace gatewatch::detection::sigma {
namespace {

class Reader {
 public:
  Reader(const View& view, const Placeholders& placeholders, YAML::Node& at)
      : view_(view), placeholders_(placeholders), at_(at) {}

  absl::StatusOr<ExpressionPtr> Read(const YAML::Node& node) {
    at_.reset(node);
    if (node.IsMap()) return Map(node);
    if (!node.IsSequence()) return Test("", node);
    std::vector<ExpressionPtr> parts;
    std::vector<RuleValue> keywords;
    for (const YAML::Node& item : node) {
      at_.reset(item);
      if (item.IsMap()) {
        GATEWATCH_ASSIGN_OR_RETURN(ExpressionPtr part, Map(item));
        parts.push_back(std::move(part));
      } else {
        GATEWATCH_ASSIGN_OR_RETURN(RuleValue keyword, Scalar(item));
        keywords.push_back(std::move(keyword));
      }
    }
    at_.reset(node);
    if (!keywords.empty()) {
      GATEWATCH_ASSIGN_OR_RETURN(ExpressionPtr part, Test("", keywords));
      parts.push_back(std::move(part));
    }
    if (parts.empty()) return absl::InvalidArgumentError("an empty selection");
    return Chain(Expression::Kind::kOr, std::move(parts));
  }

 private:
  absl::StatusOr<ExpressionPtr> Map(const YAML::Node& node) {
    std::vector<ExpressionPtr> parts;
    for (const auto& entry : node) {
      at_.reset(entry.first);
      if (!entry.first.IsScalar() && !entry.first.IsNull()) {
        return absl::InvalidArgumentError("the name of a field is a text");
      }
      const std::string key =
          entry.first.IsNull() ? std::string() : entry.first.Scalar();
      GATEWATCH_ASSIGN_OR_RETURN(ExpressionPtr part, Test(key, entry.second));
      parts.push_back(std::move(part));
    }
    if (parts.empty()) return absl::InvalidArgumentError("an empty selection");
    return Chain(Expression::Kind::kAnd, std::move(parts));
  }

  absl::StatusOr<ExpressionPtr> Test(const std::string& key,
                                     const YAML::Node& node) {
    std::vector<RuleValue> values;
    if (!node.IsSequence()) {
      GATEWATCH_ASSIGN_OR_RETURN(RuleValue value, Scalar(node));
      values.push_back(std::move(value));
    } else {
      for (const YAML::Node& item : node) {
        GATEWATCH_ASSIGN_OR_RETURN(RuleValue value, Scalar(item));
        values.push_back(std::move(value));
      }
    }
    at_.reset(node);
    return Test(key, values);
  }

  absl::StatusOr<ExpressionPtr> Test(const std::string& key,
                                     const std::vector<RuleValue>& values) {
    return TestOf(key, values, view_, placeholders_);
  }

  absl::StatusOr<RuleValue> Scalar(const YAML::Node& node) {
    at_.reset(node);
    if (node.IsNull()) return RuleValue();
    if (node.IsScalar()) return RuleValue(node.Scalar());
    return absl::InvalidArgumentError("a value is a text, a number or null");
  }

  const View& view_;
  const Placeholders& placeholders_;
  YAML::Node& at_;
};

}  // namespace

absl::StatusOr<ExpressionPtr> SelectionOf(const YAML::Node& node,
                                          const View& view,
                                          const Placeholders& placeholders,
                                          YAML::Node& at) {
  return Reader(view, placeholders, at).Read(node);
}

}  // namespace gatewatch::detection::sigma
