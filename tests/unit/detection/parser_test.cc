#include "detection/parser.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::detection {
namespace {

const std::vector<std::string>* FindList(absl::string_view name) {
  static const auto* const shells =
      new std::vector<std::string>{"sh", "bash -l"};
  static const auto* const empty = new std::vector<std::string>{};
  if (name == "shells") return shells;
  if (name == "nothing") return empty;
  return nullptr;
}

ExpressionPtr Parse(const std::string& text) {
  ParseError error;
  ExpressionPtr expression = ParseCondition(text, FindList, error);
  if (expression == nullptr) {
    FAIL(text << ": " << error.position << ": " << error.what);
  }
  return expression;
}

// The tree as text, which shows its shape.
std::string Shape(const std::string& text) { return ToText(*Parse(text)); }

// "COLUMN: what is wrong", the column from 0.
std::string ErrorOf(const std::string& text) {
  ParseError error;
  if (ParseCondition(text, FindList, error) != nullptr) return "none";
  return absl::StrCat(error.position, ": ", error.what);
}

// The text of the value on the right.
std::string RightOf(const std::string& text) {
  const ExpressionPtr expression = Parse(text);
  REQUIRE(expression->right.size() == 1);
  return expression->right[0].text;
}

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("\"or\" binds weaker than \"and\", \"and\" than \"not\"",
          "[parser]") {
  const ExpressionPtr tree = Parse("a or not b and c or d");
  REQUIRE(tree->kind == Expression::Kind::kOr);
  REQUIRE(tree->children.size() == 3);
  CHECK(tree->children[0]->macro == "a");
  CHECK(tree->children[2]->macro == "d");
  const Expression& both = *tree->children[1];
  REQUIRE(both.kind == Expression::Kind::kAnd);
  REQUIRE(both.children.size() == 2);
  CHECK(both.children[0]->kind == Expression::Kind::kNot);
  CHECK(both.children[0]->children[0]->macro == "b");
  CHECK(both.children[1]->macro == "c");
}

TEST_CASE("parentheses bind strongest", "[parser]") {
  const ExpressionPtr tree = Parse("not (a or b) and c");
  REQUIRE(tree->kind == Expression::Kind::kAnd);
  REQUIRE(tree->children[0]->kind == Expression::Kind::kNot);
  CHECK(tree->children[0]->children[0]->kind == Expression::Kind::kOr);
  CHECK(tree->children[1]->macro == "c");
}

TEST_CASE("an even number of \"not\" cancels out", "[parser]") {
  CHECK(Shape("not not a") == "a");
  CHECK(Shape("not not not a") == "not a");
  CHECK(Shape("not(not(a))") == "not (not a)");
}

TEST_CASE("a keyword ends at a blank or a parenthesis", "[parser]") {
  CHECK(Parse("not(a)and(b)or(c)")->kind == Expression::Kind::kOr);
  CHECK(Parse("a\nor\tb\r\nand c")->kind == Expression::Kind::kOr);
  CHECK(Parse("nota")->macro == "nota");
  CHECK(Parse("not_a")->macro == "not_a");
  CHECK(Parse("orb")->macro == "orb");
  CHECK(ErrorOf("a andx b") ==
        "2: expected \"and\" or \"or\", found \"andx b\"");
  CHECK(ErrorOf("a AND b") == "2: expected \"and\" or \"or\", found \"AND b\"");
}

TEST_CASE("a word without a dot is a macro", "[parser]") {
  const ExpressionPtr macro = Parse("  spawned_process ");
  CHECK(macro->kind == Expression::Kind::kMacro);
  CHECK(macro->macro == "spawned_process");
  CHECK(macro->position == 2);
  CHECK(Parse("my-macro2")->macro == "my-macro2");
}

TEST_CASE("every operator is read", "[parser]") {
  struct Row {
    std::string text;
    Operator op;
  };
  const Row row =
      GENERATE(values<Row>({{"=", Operator::kEqual},
                            {"==", Operator::kEqual},
                            {"!=", Operator::kNotEqual},
                            {"<", Operator::kLess},
                            {"<=", Operator::kLessOrEqual},
                            {">", Operator::kGreater},
                            {">=", Operator::kGreaterOrEqual},
                            {"contains", Operator::kContains},
                            {"icontains", Operator::kContainsIgnoringCase},
                            {"bcontains", Operator::kContainsBytes},
                            {"startswith", Operator::kStartsWith},
                            {"bstartswith", Operator::kStartsWithBytes},
                            {"endswith", Operator::kEndsWith},
                            {"glob", Operator::kGlob},
                            {"iglob", Operator::kGlobIgnoringCase},
                            {"regex", Operator::kRegex}}));
  const ExpressionPtr expression = Parse("proc.name " + row.text + " 5");
  CHECK(expression->op == row.op);
  CHECK(expression->left.text == "proc.name");
  REQUIRE(expression->right.size() == 1);
  CHECK(expression->right[0].text == "5");
}

TEST_CASE("symbols need no blanks around them", "[parser]") {
  CHECK(Shape("evt.num>=5") == "evt.num >= \"5\"");
  CHECK(Shape("evt.num<5 and proc.name!=a") ==
        Shape("evt.num < 5 and proc.name != a"));
}

TEST_CASE("a value may begin with a symbol", "[parser]") {
  CHECK(Shape("evt.dir=< and a") == "evt.dir = \"<\" and a");
  CHECK(Shape("evt.dir=>") == "evt.dir = \">\"");
  CHECK(Shape("evt.dir!=>") == "evt.dir != \">\"");
  CHECK(Shape("evt.num>=-1") == "evt.num >= \"-1\"");
  CHECK(ErrorOf("evt.num ! 5") == "8: expected an operator, found \"! 5\"");
  CHECK(ErrorOf("evt.num === 5") == "10: expected a value, found \"= 5\"");
}

TEST_CASE("exists takes nothing on its right", "[parser]") {
  const ExpressionPtr tree = Parse("proc.pname exists and a");
  REQUIRE(tree->kind == Expression::Kind::kAnd);
  CHECK(tree->children[0]->op == Operator::kExists);
  CHECK(tree->children[0]->right.empty());
}

TEST_CASE("lists stand in parentheses", "[parser]") {
  for (const std::string op : {"in", "intersects", "pmatch"}) {
    CHECK(Shape("proc.name " + op + " (a, \"b c\",d)") ==
          "proc.name " + op + " (\"a\", \"b c\", \"d\")");
  }
  CHECK(Shape("proc.name in(a)") == "proc.name in (\"a\")");
  CHECK(Shape("proc.name in ()") == "proc.name in ()");
}

TEST_CASE("the name of a list stands for its items", "[parser]") {
  CHECK(Shape("proc.name in (shells, zsh)") ==
        "proc.name in (\"sh\", \"bash -l\", \"zsh\")");
  CHECK(Shape("proc.name in (nothing, a, nothing)") == "proc.name in (\"a\")");
  CHECK(Shape("proc.name in (nothing)") == "proc.name in ()");
  // Quoted, or not in a list, it is text.
  CHECK(Shape("proc.name in (\"shells\")") == "proc.name in (\"shells\")");
  CHECK(RightOf("proc.name = shells") == "shells");
}

TEST_CASE("quantifiers make any operator take a list", "[parser]") {
  CHECK(Shape("proc.name contains oneof (a, shells)") ==
        "proc.name contains anyof (\"a\", \"sh\", \"bash -l\")");
  CHECK(Parse("proc.name = anyof(a)")->quantifier == Quantifier::kAnyOf);
  CHECK(Parse("proc.name glob allof (a)")->quantifier == Quantifier::kAllOf);
  CHECK(RightOf("proc.name = oneofus") == "oneofus");
}

TEST_CASE("quoted text may hold anything", "[parser]") {
  CHECK(RightOf("proc.name = \"a and (b), 'c'\"") == "a and (b), 'c'");
  CHECK(RightOf("proc.name = 'say \"hi\"'") == "say \"hi\"");
  CHECK(RightOf("proc.name = \"\"").empty());
  CHECK(RightOf(R"(proc.name = "a\"b\\c\'d")") == R"(a"b\c'd)");
  CHECK(RightOf(R"(proc.name = "a\nb\tc\rd\be\f")") == "a\nb\tc\rd\be\f");
  CHECK(RightOf("proc.name = \"a\nb\"") == "a\nb");
}

TEST_CASE("a backslash that escapes nothing stays", "[parser]") {
  CHECK(RightOf(R"(proc.name regex "\d+\.\w")") == R"(\d+\.\w)");
}

TEST_CASE("a bare value may look like a field, a number or a keyword",
          "[parser]") {
  for (const std::string value :
       {"registry.redhat.io/openshift3/", "runc:[0:PARENT]",
        "docker.io/library", "proc.name", "-1", "0x1f", "and", "not", "C:\\x",
        "*.so", "<NA>", "a!b"}) {
    CHECK(RightOf("proc.name = " + value) == value);
    CHECK(Parse("proc.name in (" + value + ")")->right[0].text == value);
  }
}

TEST_CASE("a field may have an argument, bare or quoted", "[parser]") {
  CHECK(Parse("proc.aname[2] exists")->left.text == "proc.aname[2]");
  CHECK(Parse("evt.arg[\"a b\"] exists")->left.text == "evt.arg[a b]");
  CHECK(Parse("evt.arg['/etc'] exists")->left.text == "evt.arg[/etc]");
  CHECK(Parse("evt.arg[/proc*] = a")->left.text == "evt.arg[/proc*]");
  CHECK(Parse("evt.arg['a]b'] = a")->left.text == "evt.arg[a]b]");
  CHECK(ErrorOf("evt.arg['a'b] = a") == "7: the bracket does not close");
  CHECK(ErrorOf("evt.arg['a] = a") == "8: the quote does not close");
}

TEST_CASE("functions stand on either side and nest", "[parser]") {
  const ExpressionPtr expression =
      Parse("tolower(basename(proc.exe)) = toupper(val(proc.name))");
  CHECK(expression->left.kind == Operand::Kind::kCall);
  CHECK(expression->left.arguments[0].text == "basename");
  CHECK(expression->left.arguments[0].arguments[0].text == "proc.exe");
  CHECK(expression->right[0].kind == Operand::Kind::kCall);
  CHECK(Shape("join(\"-\", proc.name, proc.exe) = a") ==
        "join(\"-\", proc.name, proc.exe) = \"a\"");
  // Without a parenthesis the name of a function is a word like any other.
  CHECK(Parse("len")->macro == "len");
  CHECK(RightOf("proc.name = val") == "val");
}

TEST_CASE("what does not parse is told with its column", "[parser]") {
  struct Row {
    std::string text;
    std::string error;
  };
  const Row row = GENERATE(values<Row>({
      {"", "0: expected a field or a macro, found the end"},
      {"  ", "2: expected a field or a macro, found the end"},
      {"a or", "4: expected a field or a macro, found the end"},
      {"a and )", "6: expected a field or a macro, found \")\""},
      {"not", "3: expected a field or a macro, found the end"},
      {"5 = a", "0: expected a field or a macro, found \"5 = a\""},
      {"\"x\" = a", "0: expected a field or a macro, found \"\"x\" = a\""},
      {"(a", "2: expected \")\", found the end"},
      {"(a b)", "3: expected \")\", found \"b)\""},
      {"a)", "1: expected \"and\" or \"or\", found \")\""},
      {"proc.name", "9: expected an operator, found the end"},
      {"proc.name resembles a",
       "10: expected an operator, found \"resembles a\""},
      {"proc.name =", "11: expected a value, found the end"},
      {"proc.name = ,", "12: expected a value, found \",\""},
      {"proc.name = \"a", "12: the quote does not close"},
      {"proc.name = 'a\\'", "12: the quote does not close"},
      {"proc.name in a", "13: expected a list in parentheses, found \"a\""},
      {"proc.name in (a", "15: expected \",\" or \")\", found the end"},
      {"proc.name in (a b)", "16: expected \",\" or \")\", found \"b)\""},
      {"proc.name in (a,)", "16: expected a value, found \")\""},
      {"proc.name = anyof a",
       "18: expected a list in parentheses, found \"a\""},
      {"proc.aname[1 = a", "10: the bracket does not close"},
      {"len(proc.name = a", "14: expected \")\", found \"= a\""},
      {"len() = 1", "4: expected a field or a macro, found \") = 1\""},
      {"join(\"a, proc.name) = 1", "5: the quote does not close"},
      {"a or proc.name = b c", "19: expected \"and\" or \"or\", found \"c\""},
  }));
  CHECK(ErrorOf(row.text) == row.error);
}

TEST_CASE("a long rest is shown shortened", "[parser]") {
  CHECK(ErrorOf("a " + std::string(500, 'x')) ==
        "2: expected \"and\" or \"or\", found \"" + std::string(20, 'x') +
            "\"");
}

TEST_CASE("a condition as text parses back to the same", "[parser]") {
  const std::string text = GENERATE(
      as<std::string>(), "a", "not a", "a or b and c",
      "(a or b) and not (c and d)", "a and (b and (c or d))", "not (not a)",
      "not (not (a or not b))", "evt.arg['a]b'] = c", "evt.arg['\"x\"'] = c",
      "evt.arg[\"a\\\\b\"] = c", "(a or b) or c", R"(proc.name = "a\"b\\c\nd")",
      "proc.name in ()", "proc.name in (a, \"b c\")",
      "fd.name pmatch (/etc, /usr/*/lib)", "proc.name contains allof (a, b)",
      "proc.aname[3] exists", "evt.arg[a b] = c", "len(proc.name) > 5",
      "join(\",\", proc.name, \"x\") = val(proc.exe)");
  const std::string once = Shape(text);
  CHECK(Shape(once) == once);
}

TEST_CASE("the text of a condition nests no deeper than the condition",
          "[parser]") {
  const std::string deepest =
      Repeated("(a or b and not ", 256) + "c" + Repeated(")", 256);
  const std::string once = Shape(deepest);
  CHECK(Shape(once) == once);
}

TEST_CASE("parentheses nest up to 256 deep", "[parser]") {
  CHECK(Shape(Repeated("(", 256) + "a" + Repeated(")", 256)) == "a");
  CHECK(ErrorOf(Repeated("(", 257) + "a" + Repeated(")", 257)) ==
        "257: nested too deeply");
  CHECK(ErrorOf(Repeated("(", 1'000'000)) == "257: nested too deeply");
  CHECK(ErrorOf(Repeated("len(", 200'000)) == "1028: nested too deeply");
  CHECK(ErrorOf("proc.name = " + Repeated("len(", 200'000)) ==
        "1040: nested too deeply");
  // One after the other is not nesting.
  CHECK(Parse(Repeated("(a) and ", 1000) + "len(proc.name) = 1") != nullptr);
}

TEST_CASE("a condition may be 1 MiB long", "[parser]") {
  const std::string head = "proc.name = ";
  const std::string limit = head + std::string((1 << 20) - head.size(), 'x');
  CHECK(ErrorOf(limit) == "none");
  CHECK(ErrorOf(limit + "x") == "0: the condition is too long");
}

TEST_CASE("a chain of 100,000 terms does not nest", "[parser]") {
  const ExpressionPtr either = Parse(Repeated("a or ", 100'000) + "b");
  CHECK(either->children.size() == 100'001);
  const ExpressionPtr both = Parse(Repeated("a and ", 100'000) + "b");
  CHECK(both->children.size() == 100'001);
  CHECK(Shape(Repeated("not ", 200'001) + "a") == "not a");
}

TEST_CASE("the field of an output ends where its name ends", "[parser]") {
  ParseError error;
  Operand operand;
  CHECK(ParseOutputField("proc.aname[2] x", operand, error) == 13);
  CHECK(operand.text == "proc.aname[2]");
  Operand call;
  CHECK(ParseOutputField("tolower(proc.name)x", call, error) == 18);
  CHECK(call.kind == Operand::Kind::kCall);
  Operand none;
  CHECK(ParseOutputField("tolower(", none, error) == 0);
  CHECK_FALSE(error.what.empty());
}

}  // namespace gatewatch::detection
