#include "detection/sigma/value_test.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "detection/like.h"
#include "detection/time_part.h"
#include "detection/value.h"
#include "re2/re2.h"

namespace gatewatch::detection::sigma {
namespace {

using Steps = std::vector<Like::Step>;

// What the values are, if not patterns.
enum class Type { kPattern, kRegex, kBlock, kPresence, kField, kNumber };

// What a key asks for, its modifiers taken together.
struct Request {
  std::string field;
  std::vector<std::string> transformations;  // in their order
  Type type = Type::kPattern;
  Operator number_operator = Operator::kEqual;
  std::string time_part;  // "hour"; empty: none
  std::string regex_flags;
  bool before = false, behind = false;  // "*" around the value
  bool all = false;
  bool cased = false;
  bool differs = false;  // neq
};

struct ModifierRow {
  absl::string_view name;
  void (*apply)(Request& request);
};
template <Operator kOperator>
void Compares(Request& request) {
  request.type = Type::kNumber;
  request.number_operator = kOperator;
}
template <Type kType>
void Types(Request& request) {
  request.type = kType;
}
constexpr ModifierRow kModifiers[] = {
    {"contains", [](Request& r) { r.before = r.behind = true; }},
    {"startswith", [](Request& r) { r.behind = true; }},
    {"endswith", [](Request& r) { r.before = true; }},
    {"all", [](Request& r) { r.all = true; }},
    {"cased", [](Request& r) { r.cased = true; }},
    {"neq", [](Request& r) { r.differs = true; }},
    {"re", Types<Type::kRegex>},
    {"cidr", Types<Type::kBlock>},
    {"exists", Types<Type::kPresence>},
    {"fieldref", Types<Type::kField>},
    {"gt", Compares<Operator::kGreater>},
    {"gte", Compares<Operator::kGreaterOrEqual>},
    {"lt", Compares<Operator::kLess>},
    {"lte", Compares<Operator::kLessOrEqual>},
};

absl::Status AddModifier(absl::string_view name, Request& request) {
  const auto* const row =
      std::find_if(std::begin(kModifiers), std::end(kModifiers),
                   [&](const ModifierRow& each) { return each.name == name; });
  if (row != std::end(kModifiers)) {
    row->apply(request);
  } else if (IsTransformation(name)) {
    request.transformations.emplace_back(name);
  } else if (TimePartNamed(name)) {
    request.time_part = std::string(name);
    request.type = Type::kNumber;
  } else if (request.type == Type::kRegex &&
             (name == "i" || name == "m" || name == "s")) {
    request.regex_flags += std::string(name);
  } else {
    return absl::UnimplementedError(
        absl::StrCat("there is no modifier ", name));
  }
  return absl::OkStatus();
}

absl::StatusOr<Request> ParseKey(absl::string_view key) {
  const std::vector<absl::string_view> parts = absl::StrSplit(key, '|');
  Request request;
  request.field = std::string(parts[0]);
  for (size_t i = 1; i < parts.size(); ++i) {
    GATEWATCH_RETURN_IF_ERROR(AddModifier(parts[i], request));
  }
  const bool wild = request.before || request.behind;
  const bool takes_wild =
      request.type == Type::kPattern || request.type == Type::kField;
  if (wild && !takes_wild) {
    return absl::InvalidArgumentError(absl::StrCat(
        key, ": contains, startswith and endswith are about texts"));
  }
  if (!request.transformations.empty() && request.type != Type::kPattern &&
      request.type != Type::kRegex) {
    return absl::InvalidArgumentError(
        absl::StrCat(key, ": only texts can be transformed"));
  }
  return request;
}

class TestBuilder {
 public:
  TestBuilder(Request request, const View& view,
              const Placeholders& placeholders)
      : request_(std::move(request)), view_(view), placeholders_(placeholders) {
    const bool keywords = request_.field.empty();
    left_ = keywords ? view.keywords : view.FieldOf(request_.field);
    const bool anywhere = keywords && !request_.before && !request_.behind &&
                          request_.type == Type::kPattern;
    if (anywhere) request_.before = request_.behind = true;
    if (!request_.time_part.empty()) {
      left_ = Call(request_.time_part);
    } else if (request_.type == Type::kNumber) {
      left_ = Call("number");
    }
  }

  absl::StatusOr<ExpressionPtr> Build(const std::vector<RuleValue>& values) {
    std::vector<ExpressionPtr> parts;
    for (const RuleValue& value : values) {
      GATEWATCH_RETURN_IF_ERROR(Add(value));
      if (request_.all) parts.push_back(AnyOfAdded());
    }
    ExpressionPtr test = request_.all && !request_.differs
                             ? Chain(Expression::Kind::kAnd, std::move(parts))
                         : request_.all
                             ? Chain(Expression::Kind::kOr, std::move(parts))
                             : AnyOfAdded();
    return request_.differs ? Negation(std::move(test)) : std::move(test);
  }

 private:
  Operand Call(const std::string& function) const {
    Operand call;
    call.kind = Operand::Kind::kCall;
    call.text = function;
    call.arguments.push_back(left_);
    return call;
  }

  // Adds the alternatives that the value stands for.
  absl::Status Add(const RuleValue& value) {
    if (!value) {
      if (request_.type != Type::kPattern) {
        return absl::InvalidArgumentError("null takes no modifier");
      }
      null_ = true;
      return absl::OkStatus();
    }
    std::vector<std::string> texts = {*value};
    for (const std::string& modifier : request_.transformations) {
      std::vector<std::string> next;
      for (const std::string& text : texts) {
        GATEWATCH_ASSIGN_OR_RETURN(const std::vector<std::string> made,
                                   Transform(modifier, text, placeholders_));
        next.insert(next.end(), made.begin(), made.end());
      }
      texts = std::move(next);
    }
    for (const std::string& text : texts) {
      GATEWATCH_RETURN_IF_ERROR(AddText(text));
    }
    return absl::OkStatus();
  }

  absl::Status AddText(const std::string& text) {
    switch (request_.type) {
      case Type::kPattern:
        AddPattern(text);
        return absl::OkStatus();
      case Type::kRegex:
        return AddRegex(text);
      case Type::kBlock:
        if (!AddressBlock::Parse(text)) {
          return absl::InvalidArgumentError(
              absl::StrCat("not an address block: ", text));
        }
        AddRight(Operator::kInBlock, {.text = text});
        return absl::OkStatus();
      case Type::kPresence:
        return AddPresence(text);
      case Type::kField:
        AddField(text);
        return absl::OkStatus();
      case Type::kNumber:
        return AddNumber(text);
    }
    return absl::InternalError("a type of value without a test");
  }

  void AddPattern(const std::string& text) {
    Steps steps = Like(text).steps();
    const Like::Step any{{}, true};
    if (request_.before && (steps.empty() || !steps.front().any)) {
      steps.insert(steps.begin(), any);
    }
    if (request_.behind && (steps.size() < 2 || !steps.back().any)) {
      if (steps.empty() || !steps.back().any) steps.push_back(any);
    }
    const bool before = !steps.empty() && steps.front().any;
    const bool behind = steps.size() > 1 && steps.back().any;
    if (before && steps.size() == 1) return AddRight(Operator::kExists, {});
    const size_t inner = steps.size() - (before ? 1 : 0) - (behind ? 1 : 0);
    const std::string& first = steps.empty() ? "" : steps[before ? 1 : 0].text;
    const bool plain = inner == 0 || (inner == 1 && !first.empty());
    if (!plain || (request_.cased && !before && !behind)) {
      return AddRight(
          request_.cased ? Operator::kLike : Operator::kLikeIgnoringCase,
          {.text = PatternOf(steps)});
    }
    AddRight(PlainOperator(before, behind), {.text = first});
  }

  Operator PlainOperator(bool before, bool behind) const {
    const bool cased = request_.cased;
    if (before && behind) {
      return cased ? Operator::kContains : Operator::kContainsIgnoringCase;
    }
    if (before) {
      return cased ? Operator::kEndsWith : Operator::kEndsWithIgnoringCase;
    }
    if (behind) {
      return cased ? Operator::kStartsWith : Operator::kStartsWithIgnoringCase;
    }
    return cased ? Operator::kEqual : Operator::kEqualIgnoringCase;
  }

  static std::string PatternOf(const Steps& steps) {
    std::string pattern;
    for (const Like::Step& step : steps) {
      absl::StrAppend(&pattern, step.any            ? "*"
                                : step.text.empty() ? "?"
                                                    : LikeLiteral(step.text));
    }
    return pattern;
  }

  absl::Status AddRegex(const std::string& text) {
    const std::string regex =
        request_.regex_flags.empty()
            ? text
            : absl::StrCat("(?", request_.regex_flags, ")", text);
    RE2::Options options;
    options.set_log_errors(false);
    const RE2 compiled(regex, options);
    if (!compiled.ok()) {
      return absl::UnimplementedError(
          absl::StrCat("no expression of RE2's: ", compiled.error()));
    }
    AddRight(Operator::kSearch, {.text = regex});
    return absl::OkStatus();
  }

  absl::Status AddPresence(const std::string& text) {
    const bool is = absl::EqualsIgnoreCase(text, "true");
    if (!is && !absl::EqualsIgnoreCase(text, "false")) {
      return absl::InvalidArgumentError("exists takes true or false");
    }
    (is ? present_ : absent_) = true;
    return absl::OkStatus();
  }

  void AddField(const std::string& name) {
    AddRight(PlainOperator(request_.before, request_.behind),
             view_.FieldOf(name));
  }

  absl::Status AddNumber(const std::string& text) {
    const bool part = !request_.time_part.empty();
    if (part ? !ParseNumber(text).has_value()
             : !ParseDecimal(text).has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("not a number: ", text));
    }
    AddRight(request_.number_operator, {.text = text});
    return absl::OkStatus();
  }

  void AddRight(Operator op, Operand operand) {
    added_[op].push_back(std::move(operand));
  }

  ExpressionPtr Compare(Operator op, std::vector<Operand> right) const {
    auto comparison = std::make_unique<Expression>();
    comparison->left = left_;
    comparison->op = op;
    if (op == Operator::kExists) return comparison;
    if (right.size() > 1) comparison->quantifier = Quantifier::kAnyOf;
    comparison->right = std::move(right);
    return comparison;
  }

  // In JSON a field with null is there all the same.
  ExpressionPtr Presence() const {
    ExpressionPtr presence = Compare(Operator::kExists, {});
    constexpr absl::string_view kValue = "json.value[";
    Operand& left = presence->left;
    if (left.kind == Operand::Kind::kField &&
        absl::StartsWith(left.text, kValue)) {
      left.text =
          absl::StrCat("json.present[", left.text.substr(kValue.size()));
    }
    return presence;
  }

  // The alternatives that were added since the last time; none: never.
  ExpressionPtr AnyOfAdded() {
    std::vector<ExpressionPtr> parts;
    for (auto& [op, right] : std::exchange(added_, {})) {
      parts.push_back(Compare(op, std::move(right)));
    }
    if (std::exchange(null_, false)) {
      parts.push_back(Negation(Compare(Operator::kExists, {})));
    }
    if (std::exchange(present_, false)) parts.push_back(Presence());
    if (std::exchange(absent_, false)) parts.push_back(Negation(Presence()));
    return Chain(Expression::Kind::kOr, std::move(parts));
  }

  Request request_;
  const View& view_;
  const Placeholders& placeholders_;
  Operand left_;
  std::map<Operator, std::vector<Operand>> added_;
  bool null_ = false, present_ = false, absent_ = false;
};

}  // namespace

absl::StatusOr<ExpressionPtr> TestOf(absl::string_view key,
                                     const std::vector<RuleValue>& values,
                                     const View& view,
                                     const Placeholders& placeholders) {
  if (values.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(key, ": has no values"));
  }
  GATEWATCH_ASSIGN_OR_RETURN(Request request, ParseKey(key));
  return TestBuilder(std::move(request), view, placeholders).Build(values);
}

ExpressionPtr Chain(Expression::Kind kind, std::vector<ExpressionPtr> parts) {
  if (parts.size() == 1) return std::move(parts[0]);
  auto chain = std::make_unique<Expression>();
  chain->kind = kind;
  chain->children = std::move(parts);
  return chain;
}

ExpressionPtr Negation(ExpressionPtr part) {
  auto negation = std::make_unique<Expression>();
  negation->kind = Expression::Kind::kNot;
  negation->children.push_back(std::move(part));
  return negation;
}

}  // namespace gatewatch::detection::sigma
