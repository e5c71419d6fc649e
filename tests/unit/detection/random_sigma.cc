#include "tests/unit/detection/random_sigma.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace gatewatch::detection {
namespace {

using Kind = SigmaCondition::Kind;

constexpr size_t kFields = 3;

std::string ToYaml(const SigmaTest& test);
std::string ToYaml(const std::vector<SigmaTest>& map);
std::string ToYaml(const SigmaValue& value) {
  return value ? absl::StrCat("'", *value, "'") : "null";
}

template <typename Items>
std::string Joined(const Items& items) {
  return absl::StrJoin(items, ", ", [](std::string* out, const auto& item) {
    *out += ToYaml(item);
  });
}

std::string ToYaml(const SigmaTest& test) {
  return absl::StrCat("'f", test.field, test.shape.empty() ? "" : "|",
                      test.shape, test.cased ? "|cased" : "",
                      test.differs ? "|neq" : "", test.all ? "|all" : "",
                      "': [", Joined(test.values), "]");
}

std::string ToYaml(const std::vector<SigmaTest>& map) {
  return absl::StrCat("{", Joined(map), "}");
}

std::string ToYaml(const SigmaSelection& selection) {
  if (selection.maps.size() == 1) return ToYaml(selection.maps[0]);
  if (!selection.maps.empty()) {
    return absl::StrCat("[", Joined(selection.maps), "]");
  }
  const std::string words =
      absl::StrCat("['", absl::StrJoin(selection.keywords, "', '"), "']");
  return selection.all_keywords ? absl::StrCat("{'|all': ", words, "}") : words;
}

std::string ToText(const SigmaCondition& condition, Kind around) {
  switch (condition.kind) {
    case Kind::kSelection:
      return condition.name;
    case Kind::kOneOf:
      return absl::StrCat("1 of ", condition.name);
    case Kind::kAllOf:
      return absl::StrCat("all of ", condition.name);
    case Kind::kNot:
      return absl::StrCat("not ", ToText(condition.parts[0], Kind::kNot));
    case Kind::kAnd:
    case Kind::kOr:
      break;
  }
  const bool both = condition.kind == Kind::kAnd;
  const std::string text =
      absl::StrJoin(condition.parts, both ? " and " : " or ",
                    [&](std::string* out, const SigmaCondition& part) {
                      *out += ToText(part, condition.kind);
                    });
  // "and" binds more than "or".
  const bool bare = around == Kind::kSelection || (both && around == Kind::kOr);
  return bare ? text : absl::StrCat("(", text, ")");
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", text, "\"");
}

}  // namespace

std::string ToYaml(const SigmaRule& rule, const std::string& title) {
  std::string text = absl::StrCat("---\ntitle: ", title,
                                  "\nlogsource: {product: json}\ndetection:\n");
  for (const SigmaSelection& selection : rule.selections) {
    absl::StrAppend(&text, "  ", selection.name, ": ", ToYaml(selection), "\n");
  }
  if (!rule.listed || rule.condition.kind != Kind::kOr) {
    return absl::StrCat(
        text, "  condition: ", ToText(rule.condition, Kind::kSelection), "\n");
  }
  absl::StrAppend(&text, "  condition:\n");
  for (const SigmaCondition& part : rule.condition.parts) {
    absl::StrAppend(&text, "  - ", ToText(part, Kind::kSelection), "\n");
  }
  return text;
}

std::string ToJson(const std::vector<SigmaValue>& fields) {
  std::vector<std::string> members;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i]) continue;
    members.push_back(absl::StrCat("\"f", i, "\":", Quoted(*fields[i])));
  }
  return absl::StrCat("{", absl::StrJoin(members, ","), "}");
}

size_t RandomSigma::Below(size_t limit) {
  return std::uniform_int_distribution<size_t>(0, limit - 1)(random_);
}

std::vector<SigmaValue> RandomSigma::Fields() {
  std::vector<SigmaValue> fields(kFields);
  for (SigmaValue& field : fields) {
    if (!OneIn(6)) field = Text(5);
  }
  return fields;
}

std::string RandomSigma::Event() {
  std::vector<std::string> members;
  for (size_t i = 0; i < kFields; ++i) {
    const size_t kind = Below(8);
    if (kind == 0) continue;
    const std::string text = Quoted(Text(5));
    const std::string more = Quoted(Text(5));
    const std::string value = kind == 1 ? "null"
                              : kind == 2
                                  ? absl::StrCat("[", text, ",", more, "]")
                              : kind == 3 ? absl::StrCat("{\"a\":", text, "}")
                                          : text;
    members.push_back(absl::StrCat("\"f", i, "\":", value));
  }
  return absl::StrCat("{", absl::StrJoin(members, ","), "}");
}

std::string RandomSigma::Text(size_t longest) {
  constexpr absl::string_view kLetters = "abAB.";
  std::string text;
  for (size_t size = Below(longest + 1); size > 0; --size) {
    text += kLetters[Below(kLetters.size())];
  }
  return text;
}

std::string RandomSigma::Pattern() {
  std::string pattern = Text(3);
  for (char& c : pattern) {
    if (OneIn(6)) c = OneIn(2) ? '*' : '?';
  }
  return pattern;
}

SigmaTest RandomSigma::Test(size_t field) {
  constexpr const char* kShapes[] = {"", "contains", "startswith", "endswith"};
  SigmaTest test;
  test.field = field;
  test.shape = kShapes[Below(std::size(kShapes))];
  test.cased = OneIn(4);
  test.differs = OneIn(6);
  test.all = OneIn(3);
  for (size_t i = 1 + Below(3); i > 0; --i) {
    test.values.emplace_back();
    if (!OneIn(8)) test.values.back() = Pattern();
  }
  return test;
}

// Keys of one map have to differ, so each test has its own field.
std::vector<SigmaTest> RandomSigma::Map() {
  std::vector<SigmaTest> tests;
  for (size_t field = Below(2); field < kFields; field += 1 + Below(3)) {
    tests.push_back(Test(field));
  }
  return tests;
}

SigmaRule RandomSigma::FlatRule() {
  SigmaRule rule;
  rule.condition.kind = Kind::kOr;
  for (size_t i = 1 + Below(2); i > 0; --i) {
    SigmaCondition& all =
        rule.condition.parts.emplace_back(SigmaCondition{Kind::kAnd, {}, {}});
    for (size_t j = 1 + Below(3); j > 0; --j) {
      const std::string name = absl::StrCat("s", rule.selections.size());
      rule.selections.push_back({name, {Map()}, {}});
      SigmaCondition part{Kind::kSelection, name, {}};
      if (OneIn(3)) part = {Kind::kNot, {}, {std::move(part)}};
      all.parts.push_back(std::move(part));
    }
  }
  return rule;
}

SigmaSelection RandomSigma::Selection(std::string name) {
  SigmaSelection selection;
  selection.name = std::move(name);
  if (OneIn(5)) {
    selection.all_keywords = OneIn(3);
    for (size_t i = 1 + Below(3); i > 0; --i) {
      selection.keywords.push_back(Pattern());
    }
    return selection;
  }
  for (size_t i = OneIn(3) ? 2 : 1; i > 0; --i) selection.maps.push_back(Map());
  return selection;
}

SigmaCondition RandomSigma::Condition(const SigmaRule& rule, int depth) {
  const size_t choice = Below(depth > 0 ? 8 : 3);
  if (choice < 2) {
    return {Kind::kSelection,
            rule.selections[Below(rule.selections.size())].name,
            {}};
  }
  if (choice == 2) {
    constexpr const char* kPatterns[] = {"them", "a*", "b*"};
    return {OneIn(2) ? Kind::kOneOf : Kind::kAllOf,
            kPatterns[Below(std::size(kPatterns))],
            {}};
  }
  if (choice == 3) return {Kind::kNot, {}, {Condition(rule, depth - 1)}};
  SigmaCondition several{choice < 6 ? Kind::kAnd : Kind::kOr, {}, {}};
  for (size_t i = 2 + Below(2); i > 0; --i) {
    several.parts.push_back(Condition(rule, depth - 1));
  }
  return several;
}

SigmaRule RandomSigma::Rule() {
  SigmaRule rule;
  for (const char* name : {"a1", "a2", "b1", "b2"}) {
    rule.selections.push_back(Selection(name));
  }
  rule.condition = Condition(rule, 3);
  return rule;
}

}  // namespace gatewatch::detection
