#include "iac/document.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catch2/catch.hpp"
#include "iac/utf16.h"

namespace gatewatch::iac {
namespace {

using Catch::Contains;

SourceFile Read(std::string text, std::string name = "file") {
  auto file = SourceFile::Parse(std::move(name), std::move(text));
  INFO(file.status());
  REQUIRE(file.ok());
  return *std::move(file);
}

std::string ErrorOf(std::string text, std::string name = "file") {
  const auto file = SourceFile::Parse(std::move(name), std::move(text));
  CHECK(file.status().code() == absl::StatusCode::kInvalidArgument);
  return std::string(file.status().message());
}

const Node& Root(const SourceFile& file) {
  REQUIRE(file.documents.size() == 1);
  return file.documents[0].root;
}

std::string Source(const SourceFile& file, const Node& node) {
  return file.text.substr(node.span.begin, node.span.end - node.span.begin);
}

// All values, in one line, each as (tag)text, [items] or {key:value}.
std::string Show(const Node& node) {
  if (node.kind == Node::Kind::kScalar) return node.tag + node.text;
  if (node.kind == Node::Kind::kSequence) {
    return absl::StrCat(node.tag, "[",
                        absl::StrJoin(node.items, ",",
                                      [](std::string* out, const Node& item) {
                                        *out += Show(item);
                                      }),
                        "]");
  }
  return absl::StrCat(
      node.tag, "{",
      absl::StrJoin(node.members, ",",
                    [](std::string* out, const Node::Member& member) {
                      absl::StrAppend(out, Show(member.key), ":",
                                      Show(member.value));
                    }),
      "}");
}

std::string Nested(int depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_CASE("JSON and YAML of the same values read alike", "[iac]") {
  CHECK(Show(Root(Read(R"({"a": [1, "two", null], "b": {"c": true}})"))) ==
        "{a:[1,two,null],b:{c:true}}");
  CHECK(Show(Root(Read("a: [1, 'two', null]\nb:\n  c: true\n"))) ==
        "{a:[1,two,null],b:{c:true}}");
}

TEST_CASE("a span holds a value's bytes exactly", "[iac]") {
  const SourceFile json =
      Read("{\n\t\"k\": \"v\\u00e9\",\n\t\"n\": -1.5e3 }\n");
  CHECK(Source(json, *Root(json).Find("k")) == "\"v\\u00e9\"");
  CHECK(Root(json).Find("k")->text == "v\u00e9");
  CHECK(Source(json, *Root(json).Find("n")) == "-1.5e3");
  CHECK(Root(json).Find("n")->span.line == 3);
  CHECK(Root(json).Find("n")->span.column == 7);

  const SourceFile yaml = Read(
      "# \u00e9t\u00e9\nk: 'it''s'  # why\nlist:\n- a\n- b: c\n\n\n"
      "text: |\n  one\n  two\nempty:\nlast: {x: 1}\n");
  const Node& root = Root(yaml);
  CHECK(Source(yaml, *root.Find("k")) == "'it''s'");
  CHECK(root.Find("k")->text == "it's");
  CHECK(root.Find("k")->span.line == 2);
  CHECK(root.Find("k")->span.column == 4);
  CHECK(Source(yaml, *root.Find("list")) == "- a\n- b: c");
  CHECK(Source(yaml, *root.Find("text")) == "|\n  one\n  two\n");
  CHECK(Source(yaml, *root.Find("empty")) == "");
  CHECK(root.Find("empty")->IsNull());
  CHECK(Source(yaml, *root.Find("last")) == "{x: 1}");
  CHECK(root.Find("last")->flow);
}

TEST_CASE("short tags are kept and their values with them", "[iac]") {
  const SourceFile file = Read(
      "a: !Sub '${X}-y'\nb: !If [C, !Ref D, !Ref AWS::NoValue]\nc: !!str 5\n"
      "d: !GetAtt\n  e: f\n");
  CHECK(
      Show(Root(file)) ==
      "{a:!Sub${X}-y,b:!If[C,!RefD,!RefAWS::NoValue],c:!!str5,d:!GetAtt{e:f}}");
  CHECK(Source(file, *Root(file).Find("a")) == "!Sub '${X}-y'");
}

TEST_CASE("null is told from its name in quotes", "[iac]") {
  const SourceFile file = Read("a: ~\nb: 'null'\nc: null\nd: ''\ne: !X\n");
  CHECK(Root(file).Find("a")->IsNull());
  CHECK_FALSE(Root(file).Find("b")->IsNull());
  CHECK(Root(file).Find("c")->IsNull());
  CHECK_FALSE(Root(file).Find("d")->IsNull());
  CHECK_FALSE(Root(file).Find("e")->IsNull());
}

TEST_CASE("a key is found whatever the case of its first letter", "[iac]") {
  const SourceFile file = Read(R"({"ContainerDefinitions": 1, "cpu": 2})");
  CHECK(Root(file).Find("containerDefinitions") == nullptr);
  CHECK(Root(file).FindEitherCase("containerDefinitions")->text == "1");
  CHECK(Root(file).FindEitherCase("Cpu")->text == "2");
  CHECK(Root(file).FindEitherCase("CPU") == nullptr);
  CHECK(Root(file).FindEitherCase("") == nullptr);
}

TEST_CASE("each document of a YAML file is read", "[iac]") {
  const SourceFile file = Read("---\na: 1\n---\n# nothing\n---\nb: 2\n...\n");
  REQUIRE(file.documents.size() == 3);
  CHECK(Show(file.documents[0].root) == "{a:1}");
  CHECK(file.documents[1].root.IsNull());
  CHECK(Show(file.documents[2].root) == "{b:2}");
  CHECK(Read("").documents.empty());
}

TEST_CASE("aliases stand for what they name, at their own place", "[iac]") {
  const SourceFile file =
      Read("base: &b {x: 1, y: 2}\nuse: *b\nmore:\n  <<: *b\n  y: 3\n");
  CHECK(Show(Root(file)) == "{base:{x:1,y:2},use:{x:1,y:2},more:{y:3,x:1}}");
  const Node& use = *Root(file).Find("use");
  CHECK(use.aliased);
  CHECK(Source(file, use) == "*b");
  CHECK(Source(file, *use.Find("x")) == "*b");
  CHECK_FALSE(Root(file).Find("more")->aliased);
  CHECK(Root(file).Find("more")->Find("x")->aliased);
  CHECK_FALSE(Root(file).Find("more")->Find("y")->aliased);
}

TEST_CASE("JSON that YAML readers refuse is read", "[iac]") {
  CHECK(Root(Read("\t{\t\"a\"\n:\n1}")).Find("a")->text == "1");
  CHECK(Root(Read(R"(["\ud83d\ude00\/\u0000"])")).items[0].text ==
        std::string("\U0001F600/\0", 6));
  CHECK(Root(Read("[\"\x7f\"]")).items[0].text == "\x7f");
  const std::string key(5000, 'k');
  CHECK(Root(Read("{\"" + key + "\": 1}")).Find(key) != nullptr);
}

TEST_CASE("a flow collection that is no JSON is read as YAML", "[iac]") {
  const SourceFile file = Read("{a: 1, 'b': [x, ],}\n");
  CHECK(file.documents[0].format == Document::Format::kYaml);
  CHECK(Show(Root(file)) == "{a:1,b:[x]}");
  CHECK_THAT(ErrorOf("{\"a\": 1,}\n", "x.json"), Contains("x.json:1:9: "));
}

TEST_CASE("an error names the file, the line and the column", "[iac]") {
  CHECK_THAT(ErrorOf("a: 1\nb: [\n", "t.yaml"), Contains("t.yaml:3:1: "));
  CHECK_THAT(ErrorOf("a: \"\u00e9\" x\n", "t.yaml"), Contains("t.yaml:1:9: "));
  CHECK_THAT(ErrorOf("a: \x01\n", "t.yaml"),
             Contains("t.yaml:1:4: control characters are not allowed"));
  CHECK_THAT(ErrorOf("{\n \"a\": $NAME\n}\n", "t.json"),
             Contains("t.json:2:7: syntax error"));
  CHECK_THAT(ErrorOf("{{ .Values.x }}: [\n"), Contains("file:1:2: "));
  CHECK_THAT(ErrorOf("[1] 2", "t.json"), Contains("t.json:1:5: "));
  CHECK_THAT(ErrorOf("", "t.json"), Contains("t.json:1:1: "));
  CHECK_THAT(ErrorOf("a: b\n\xff\n"), Contains("file:2:1: this is no UTF-8"));
}

TEST_CASE("a key that stands twice is an error", "[iac]") {
  CHECK_THAT(ErrorOf("{\"a\": 1,\n\"a\": 2}", "x.json"),
             Contains("x.json:2:1: the key \"a\" stands here twice"));
  CHECK_THAT(ErrorOf("a: 1\n\"a\": 2\n"), Contains("file:2:1: the key \"a\""));
}

TEST_CASE("nesting is bounded", "[iac]") {
  CHECK(Root(Read(Nested(128))).items.size() == 1);
  CHECK_THAT(ErrorOf(Nested(129)), Contains("nested deeper"));
  CHECK_THAT(ErrorOf(Nested(100'000), "x.json"), Contains("nested deeper"));
  CHECK_THAT(ErrorOf("a: " + Nested(129)), Contains("nested deeper"));
  CHECK_THAT(ErrorOf("a: " + std::string(100'000, '[')),
             Contains("nested deeper"));
}

TEST_CASE("what aliases stand for is bounded", "[iac]") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    absl::StrAppend(&bomb, "a", i, ": &a", i, " [");
    for (int k = 0; k < 10; ++k) absl::StrAppend(&bomb, "*a", i - 1, ", ");
    bomb += "]\n";
  }
  CHECK_THAT(ErrorOf(bomb), Contains("aliases stand for too many values"));
  CHECK_THAT(ErrorOf("a: &a [*a]\n"), Contains("an alias of nothing: *a"));
}

TEST_CASE("UTF-16 and byte order marks are read", "[iac]") {
  const SourceFile marked = Read("\xEF\xBB\xBF{\"a\": 1}");
  CHECK(marked.text.size() == 11);
  CHECK(Source(marked, *Root(marked).Find("a")) == "1");
  CHECK(Show(Root(Read("\xEF\xBB\xBF"
                       "a: \u00e9\n"))) == "{a:\u00e9}");

  const std::string text = "{\"a\": \"\u00e9\U0001F600\"}";
  for (const auto encoding :
       {SourceFile::Encoding::kUtf16Little, SourceFile::Encoding::kUtf16Big}) {
    const std::string bytes = Encode("\uFEFF" + text, encoding);
    const SourceFile file = Read(bytes, "plan.json");
    CHECK(file.encoding == encoding);
    CHECK(Show(Root(file)) == "{a:\u00e9\U0001F600}");
    CHECK(Encode(file.text, file.encoding) == bytes);
    CHECK(Show(Root(Read(Encode(text, encoding)))) == "{a:\u00e9\U0001F600}");
    CHECK_THAT(ErrorOf(bytes + "x"), Contains("no UTF-16"));
  }
}

}  // namespace gatewatch::iac
