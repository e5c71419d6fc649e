// Rule files that want the loader to run out of time, memory or stack.

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "detection/rule_set.h"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

std::string ErrorOf(const std::string& text) {
  const Loaded rules = LoadText(text);
  return rules.ok() ? "" : std::string(rules.status().message());
}

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// Each macro stands for the one before it ten times.
std::string MacroBomb(int levels) {
  std::string text = "- {macro: m0, condition: evt.type = x}\n";
  for (int i = 1; i <= levels; ++i) {
    const std::string before = absl::StrCat("m", i - 1);
    absl::StrAppend(&text, "- {macro: m", i, ", condition: ", before,
                    Repeated(" or " + before, 9), "}\n");
  }
  return text;
}

// Each list names the one before it ten times.
std::string ListBomb(int levels) {
  std::string text = "- {list: l0, items: [x]}\n";
  for (int i = 1; i <= levels; ++i) {
    absl::StrAppend(&text, "- {list: l", i, ", items: [",
                    Repeated(absl::StrCat("l", i - 1, ", "), 10), "]}\n");
  }
  return text;
}

}  // namespace

TEST_CASE("a file of more than 16 MiB is refused", "[hostile]") {
  const std::string limit(16 << 20, '#');
  CHECK(ErrorOf(limit).empty());
  CHECK_THAT(ErrorOf(limit + "#"), Catch::Contains("too large"));
}

TEST_CASE("deep nesting of any style is refused", "[hostile]") {
  const std::string level =
      GENERATE(as<std::string>(), "[", "{", "- ", "? ", "{a: ", "- [");
  INFO(level);
  CHECK_FALSE(ErrorOf(Repeated(level, 100'000)).empty());
  CHECK_FALSE(ErrorOf(Repeated(level, 70)).empty());
}

TEST_CASE("aliases that expand without end are refused", "[hostile]") {
  std::string text = "- &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string before = absl::StrCat("*a", i - 1);
    absl::StrAppend(&text, "- &a", i, " [", before, Repeated(", " + before, 9),
                    "]\n");
  }
  CHECK_THAT(ErrorOf(text), Catch::Contains("too many values"));
  CHECK_FALSE(ErrorOf("&a [*a]").empty());
  CHECK_FALSE(ErrorOf("- &a {rule: *a}").empty());
}

TEST_CASE("macros that expand exponentially are refused", "[hostile]") {
  CHECK(ErrorOf(MacroBomb(4) + RuleText("a", "m4")).empty());
  CHECK_THAT(ErrorOf(MacroBomb(40) + RuleText("a", "m40")),
             Catch::Contains("rule a: the condition "));
}

TEST_CASE("lists that expand exponentially are refused", "[hostile]") {
  CHECK(ErrorOf(ListBomb(4) + RuleText("a", "proc.name in (l4)")).empty());
  CHECK_THAT(ErrorOf(ListBomb(40)), Catch::Contains("too many items"));
}

TEST_CASE("a long chain of macros is refused", "[hostile]") {
  std::string text = "- {macro: m0, condition: evt.type = x}\n";
  for (int i = 1; i < 5'000; ++i) {
    absl::StrAppend(&text, "- {macro: m", i, ", condition: m", i - 1, "}\n");
  }
  CHECK(ErrorOf(text + RuleText("a", "m50")).empty());
  CHECK_FALSE(ErrorOf(text + RuleText("a", "m4999")).empty());
}

}  // namespace gatewatch::detection
