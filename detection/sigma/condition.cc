#include "detection/sigma/condition.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status.h"
#include "detection/like.h"
#include "detection/sigma/value_test.h"

namespace gatewatch::detection::sigma {
namespace {

constexpr size_t kTextLimit = 64 << 10;
constexpr int kDepthLimit = 200;
constexpr absl::string_view kBlank = " \t\n\r";

class Parser {
 public:
  Parser(absl::string_view text, const std::vector<std::string>& selections,
         const std::string& prefix)
      : text_(text), selections_(selections), prefix_(prefix) {}

  absl::StatusOr<ExpressionPtr> Whole() {
    if (text_.size() > kTextLimit) {
      return absl::InvalidArgumentError("the condition is too long");
    }
    Next();
    GATEWATCH_ASSIGN_OR_RETURN(ExpressionPtr whole, Or());
    if (!token_.empty()) return Expected("and, or, or the end");
    return whole;
  }

 private:
  using Result = absl::StatusOr<ExpressionPtr>;

  // A parenthesis, a pipe, or what stands between these and blanks.
  void Next() {
    text_.remove_prefix(
        std::min(text_.find_first_not_of(kBlank), text_.size()));
    const size_t end =
        std::min(text_.find_first_of("()| \t\n\r"), text_.size());
    token_ = text_.substr(0, text_.empty() ? 0 : std::max<size_t>(end, 1));
    text_.remove_prefix(token_.size());
  }

  bool Is(absl::string_view word) const {
    return absl::EqualsIgnoreCase(token_, word);
  }
  bool Take(absl::string_view word) {
    if (!Is(word)) return false;
    Next();
    return true;
  }

  absl::Status Expected(absl::string_view what) const {
    if (token_ == "|" || Is("near")) {
      return absl::UnimplementedError(absl::StrCat(
          "aggregation in a condition (", token_,
          ") is of Sigma 1 and not supported; correlations replace it"));
    }
    return absl::InvalidArgumentError(
        absl::StrCat("the condition: expected ", what, ", found ",
                     token_.empty() ? "the end" : token_));
  }

  template <typename Part>
  Result Joined(absl::string_view word, Expression::Kind kind, Part part) {
    std::vector<ExpressionPtr> parts;
    do {
      GATEWATCH_ASSIGN_OR_RETURN(ExpressionPtr each, part());
      parts.push_back(std::move(each));
    } while (Take(word));
    return Chain(kind, std::move(parts));
  }

  Result Or() {
    return Joined("or", Expression::Kind::kOr, [this] { return And(); });
  }
  Result And() {
    return Joined("and", Expression::Kind::kAnd, [this] { return Not(); });
  }

  Result Not() {
    bool negated = false;
    while (Take("not")) negated = !negated;
    GATEWATCH_ASSIGN_OR_RETURN(ExpressionPtr inner, Primary());
    return negated ? Negation(std::move(inner)) : std::move(inner);
  }

  Result Primary() {
    if (Take("(")) {
      if (++depth_ > kDepthLimit) {
        return absl::InvalidArgumentError("the condition nests too deeply");
      }
      GATEWATCH_ASSIGN_OR_RETURN(ExpressionPtr inner, Or());
      if (!Take(")")) return Expected("\")\"");
      --depth_;
      return inner;
    }
    constexpr absl::string_view kReserved[] = {"",   ")",    "|", "and",
                                               "or", "near", "of"};
    for (const absl::string_view word : kReserved) {
      if (Is(word)) return Expected("a selection");
    }
    const std::string name(token_);
    Next();
    return Is("of") ? Several(name) : Selection(name);
  }

  // "1 of pattern", "all of them"
  Result Several(const std::string& quantity) {
    const bool all = absl::EqualsIgnoreCase(quantity, "all");
    if (!all && quantity != "1" && !absl::EqualsIgnoreCase(quantity, "any")) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the condition: expected 1, any or all before \"of\", found ",
          quantity));
    }
    Next();
    const bool them = Is("them");
    const std::string name(token_);
    // What a pattern has that is no "*" is meant literally.
    std::string escaped = LikeLiteral(name);
    const Like pattern(absl::StrReplaceAll(escaped, {{"\\*", "*"}}));
    std::vector<ExpressionPtr> parts;
    for (const std::string& selection : selections_) {
      if (them ? selection[0] != '_' : pattern.Matches(selection)) {
        parts.push_back(Use(selection));
      }
    }
    if (parts.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the condition: no selection is one of ", name));
    }
    Next();
    return Chain(all ? Expression::Kind::kAnd : Expression::Kind::kOr,
                 std::move(parts));
  }

  Result Selection(const std::string& name) {
    if (std::find(selections_.begin(), selections_.end(), name) ==
        selections_.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the condition: there is no selection ", name));
    }
    return Use(name);
  }

  ExpressionPtr Use(const std::string& selection) const {
    auto use = std::make_unique<Expression>();
    use->kind = Expression::Kind::kMacro;
    use->macro = absl::StrCat(prefix_, selection);
    return use;
  }

  absl::string_view text_;  // behind token_
  absl::string_view token_;
  const std::vector<std::string>& selections_;
  const std::string& prefix_;
  int depth_ = 0;
};

}  // namespace

absl::StatusOr<ExpressionPtr> ParseSigmaCondition(
    absl::string_view text, const std::vector<std::string>& selections,
    const std::string& prefix) {
  return Parser(text, selections, prefix).Whole();
}

}  // namespace gatewatch::detection::sigma
