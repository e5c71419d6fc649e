#include "detection/parser.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "detection/field.h"

namespace gatewatch::detection {
namespace {

constexpr size_t kTextLimit = 1 << 20;
constexpr int kDepthLimit = 256;
constexpr absl::string_view kBlank = " \t\n\r";

constexpr absl::string_view kFunctions[] = {
    "tolower", "toupper", "b64",  "basename", "len",   "join",
    "concat",  "getopt",  "val",  "number",   "union", "minute",
    "hour",    "day",     "week", "month",    "year"};

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// "proc.args intersects (…)" is about each argument, not about all as one.
void AskForItems(Operand& left) {
  if (left.kind == Operand::Kind::kField) left.text = ItemsOf(left.text);
}

// Recursive descent. Lexing depends on the place: after an operator stands a
// value, even where it looks like a field ("registry.io/app").
class Parser {
 public:
  Parser(absl::string_view text, const FindList& lists, ParseError& error)
      : text_(text), lists_(lists), error_(error) {}

  ExpressionPtr Whole() {
    if (text_.size() > kTextLimit) return Fail("the condition is too long");
    ExpressionPtr expression = Or();
    if (expression == nullptr) return nullptr;
    SkipBlank();
    if (at_ < text_.size()) {
      return Fail(absl::StrCat("expected \"and\" or \"or\", found ", Found()));
    }
    return expression;
  }

  bool OutputField(Operand& operand, size_t& end) {
    if (!FieldOrCall(operand)) return false;
    end = at_;
    return true;
  }

 private:
  std::nullptr_t Fail(std::string what) {
    if (error_.what.empty()) error_ = {at_, std::move(what)};
    return nullptr;
  }

  // What stands here, for messages.
  std::string Found() const {
    if (at_ >= text_.size()) return "the end";
    constexpr size_t kShown = 20;
    return absl::StrCat("\"", text_.substr(at_, kShown), "\"");
  }

  void SkipBlank() {
    while (at_ < text_.size() && kBlank.find(text_[at_]) != kBlank.npos) ++at_;
  }

  bool Take(char c) {
    SkipBlank();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  // A word of the language: followed by a blank, a parenthesis or the end.
  bool TakeWord(absl::string_view word) {
    SkipBlank();
    const absl::string_view rest = text_.substr(at_);
    if (rest.substr(0, word.size()) != word) return false;
    const absl::string_view next = rest.substr(word.size(), 1);
    if (!next.empty() && next[0] != '(' &&
        kBlank.find(next[0]) == kBlank.npos) {
      return false;
    }
    at_ += word.size();
    return true;
  }

  ExpressionPtr Or() { return Chain(Expression::Kind::kOr, "or"); }

  ExpressionPtr Chain(Expression::Kind kind, absl::string_view word) {
    const bool is_or = kind == Expression::Kind::kOr;
    const auto operand = [&] {
      return is_or ? Chain(Expression::Kind::kAnd, "and") : Not();
    };
    SkipBlank();
    const size_t begin = at_;
    ExpressionPtr first = operand();
    if (first == nullptr || !TakeWord(word)) return first;
    auto chain = std::make_unique<Expression>();
    chain->kind = kind;
    chain->position = begin;
    chain->children.push_back(std::move(first));
    do {
      ExpressionPtr next = operand();
      if (next == nullptr) return nullptr;
      chain->children.push_back(std::move(next));
    } while (TakeWord(word));
    return chain;
  }

  ExpressionPtr Not() {
    SkipBlank();
    const size_t begin = at_;
    bool negated = false;
    while (TakeWord("not")) negated = !negated;
    ExpressionPtr inner = Primary();
    if (inner == nullptr || !negated) return inner;
    auto expression = std::make_unique<Expression>();
    expression->kind = Expression::Kind::kNot;
    expression->position = begin;
    expression->children.push_back(std::move(inner));
    return expression;
  }

  ExpressionPtr Primary() {
    if (!Take('(')) return Comparison();
    if (++depth_ > kDepthLimit) return Fail("nested too deeply");
    ExpressionPtr inner = Or();
    if (inner == nullptr) return nullptr;
    if (!Take(')')) {
      return Fail(absl::StrCat("expected \")\", found ", Found()));
    }
    --depth_;
    return inner;
  }

  ExpressionPtr Comparison() {
    SkipBlank();
    auto expression = std::make_unique<Expression>();
    expression->position = at_;
    if (!FieldOrCall(expression->left)) return nullptr;
    if (expression->left.kind == Operand::Kind::kLiteral) {
      expression->kind = Expression::Kind::kMacro;
      expression->macro = std::move(expression->left.text);
      return expression;
    }
    if (!ComparisonOperator(expression->op)) return nullptr;
    if (expression->op == Operator::kExists) return expression;
    if (expression->op == Operator::kIntersects) {
      AskForItems(expression->left);
    }
    if (TakeWord("oneof") || TakeWord("anyof")) {
      expression->quantifier = Quantifier::kAnyOf;
    } else if (TakeWord("allof")) {
      expression->quantifier = Quantifier::kAllOf;
    }
    const bool list =
        TakesList(expression->op) || expression->quantifier != Quantifier::kOne;
    if (!(list ? List(expression->right) : Scalar(expression->right))) {
      return nullptr;
    }
    return expression;
  }

  bool ComparisonOperator(Operator& op) {
    SkipBlank();
    size_t end = at_;
    const auto is_symbol = [](char c) {
      return c == '=' || c == '!' || c == '<' || c == '>';
    };
    if (end < text_.size() && is_symbol(text_[end])) {
      // The longest that there is: "evt.dir=<" compares with "<".
      const absl::string_view two = text_.substr(at_, 2);
      end += FindOperator(two, op) ? two.size() : 1;
    } else {
      while (end < text_.size() && IsNameCharacter(text_[end])) ++end;
    }
    if (FindOperator(text_.substr(at_, end - at_), op)) {
      at_ = end;
      return true;
    }
    Fail(absl::StrCat("expected an operator, found ", Found()));
    return false;
  }

  // The name that stands here, not taken. Macros may have a hyphen, fields,
  // which have dots, none.
  absl::string_view Name() const {
    size_t end = at_;
    bool dotted = false;
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      dotted = dotted || c == '.';
      const bool hyphen = c == '-' && !dotted;
      if (!IsNameCharacter(c) && c != '.' && !hyphen) break;
    }
    return text_.substr(at_, end - at_);
  }

  // A name: dots make it a field, a parenthesis a function, neither a macro
  // (given back as a literal).
  bool FieldOrCall(Operand& operand) {
    SkipBlank();
    const absl::string_view name = Name();
    const size_t end = at_ + name.size();
    if (name.empty() ||
        !absl::ascii_isalpha(static_cast<unsigned char>(name[0]))) {
      Fail(absl::StrCat("expected a field or a macro, found ", Found()));
      return false;
    }
    operand.text = std::string(name);
    const bool call = std::find(std::begin(kFunctions), std::end(kFunctions),
                                name) != std::end(kFunctions) &&
                      end < text_.size() && text_[end] == '(';
    if (call) {
      at_ = end + 1;
      return Call(operand);
    }
    at_ = end;
    if (name.find('.') == name.npos) return true;  // a macro
    operand.kind = Operand::Kind::kField;
    return FieldArgument(operand);
  }

  bool FieldArgument(Operand& operand) {
    if (at_ >= text_.size() || text_[at_] != '[') return true;
    const size_t begin = at_++;
    std::string argument;
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      if (!QuotedText(argument)) return false;
    } else {
      const size_t close = std::min(text_.find(']', at_), text_.size());
      argument = std::string(text_.substr(at_, close - at_));
      at_ = close;
    }
    if (at_ >= text_.size() || text_[at_] != ']') {
      at_ = begin;
      Fail("the bracket does not close");
      return false;
    }
    ++at_;
    absl::StrAppend(&operand.text, "[", argument, "]");
    return true;
  }

  // Behind the opening parenthesis.
  bool Call(Operand& operand) {
    operand.kind = Operand::Kind::kCall;
    if (++depth_ > kDepthLimit) {
      Fail("nested too deeply");
      return false;
    }
    do {
      Operand& argument = operand.arguments.emplace_back();
      SkipBlank();
      const bool quoted =
          at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'');
      if (quoted ? !QuotedText(argument.text) : !FieldOrCall(argument)) {
        return false;
      }
    } while (Take(','));
    --depth_;
    if (Take(')')) return operand.text != "getopt" || OptionOf(operand);
    Fail(absl::StrCat("expected \")\", found ", Found()));
    return false;
  }

  // getopt(…)[p]: the same as its third argument.
  bool OptionOf(Operand& call) {
    Operand bracket;
    if (!FieldArgument(bracket)) return false;
    if (bracket.text.empty()) return true;
    call.arguments.push_back(
        {.text = bracket.text.substr(1, bracket.text.size() - 2)});
    return true;
  }

  bool IsAtCall() {
    SkipBlank();
    const absl::string_view rest = text_.substr(at_);
    return std::any_of(std::begin(kFunctions), std::end(kFunctions),
                       [rest](absl::string_view function) {
                         return rest.substr(0, function.size()) == function &&
                                rest.substr(function.size(), 1) == "(";
                       });
  }

  bool Scalar(std::vector<Operand>& values) {
    Operand& value = values.emplace_back();
    return IsAtCall() ? FieldOrCall(value) : Literal(value.text);
  }

  bool List(std::vector<Operand>& values) {
    if (IsAtCall()) return FieldOrCall(values.emplace_back());
    if (!Take('(')) {
      Fail(absl::StrCat("expected a list in parentheses, found ", Found()));
      return false;
    }
    if (Take(')')) return true;  // what an empty list leaves
    do {
      if (IsAtCall()) {
        if (!FieldOrCall(values.emplace_back())) return false;
        continue;
      }
      const bool quoted =
          at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'');
      std::string item;
      if (!Literal(item)) return false;
      const std::vector<std::string>* list =
          quoted || !lists_ ? nullptr : lists_(item);
      if (list == nullptr) {
        values.push_back({.text = std::move(item)});
      } else {
        for (const std::string& each : *list) values.push_back({.text = each});
      }
    } while (Take(','));
    if (Take(')')) return true;
    Fail(absl::StrCat("expected \",\" or \")\", found ", Found()));
    return false;
  }

  bool Literal(std::string& value) {
    SkipBlank();
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      return QuotedText(value);
    }
    constexpr absl::string_view kEnds = "()\"'=, \t\n\r";
    size_t end = at_;
    while (end < text_.size() && kEnds.find(text_[end]) == kEnds.npos) ++end;
    if (end == at_) {
      Fail(absl::StrCat("expected a value, found ", Found()));
      return false;
    }
    value = std::string(text_.substr(at_, end - at_));
    at_ = end;
    return true;
  }

  bool QuotedText(std::string& value) {
    const size_t begin = at_;
    const char quote = text_[at_++];
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        AppendEscape(text_[at_ + 1], value);
        at_ += 2;
      } else {
        value += text_[at_++];
      }
    }
    if (at_ < text_.size()) {
      ++at_;
      return true;
    }
    at_ = begin;
    Fail("the quote does not close");
    return false;
  }

  // What is no escape keeps its backslash: regular expressions are full of
  // them.
  static void AppendEscape(char c, std::string& value) {
    constexpr absl::string_view kLetters = "nrtbf";
    constexpr absl::string_view kMeanings = "\n\r\t\b\f";
    const size_t letter = kLetters.find(c);
    if (letter != kLetters.npos) {
      value += kMeanings[letter];
    } else if (c == '"' || c == '\'' || c == '\\') {
      value += c;
    } else {
      value += '\\';
      value += c;
    }
  }

  const absl::string_view text_;
  const FindList& lists_;
  ParseError& error_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

ExpressionPtr ParseCondition(absl::string_view text, const FindList& lists,
                             ParseError& error) {
  return Parser(text, lists, error).Whole();
}

size_t ParseOutputField(absl::string_view text, Operand& operand,
                        ParseError& error) {
  const FindList no_lists;
  size_t end = 0;
  return Parser(text, no_lists, error).OutputField(operand, end) ? end : 0;
}

}  // namespace gatewatch::detection
