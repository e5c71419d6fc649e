// Rule files that want the loader to run out of time, memory or stack.

#include <random>

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
  CHECK_THAT(ErrorOf(limit + "#"), Catch::Contains("larger than 16 MiB"));
}

TEST_CASE("deep nesting of any style is refused", "[hostile]") {
  const std::string level =
      GENERATE(as<std::string>(), "[", "{", "- ", "? ", "{a: ", "- [");
  INFO(level);
  CHECK_FALSE(ErrorOf(Repeated(level, 100'000)).empty());
  CHECK_FALSE(ErrorOf(Repeated(level, 70)).empty());
  CHECK_FALSE(ErrorOf(std::string(1 << 20, level[0])).empty());
}

TEST_CASE("aliases that expand without end are refused", "[hostile]") {
  std::string text = "- &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string before = absl::StrCat("*a", i - 1);
    absl::StrAppend(&text, "- &a", i, " [", before, Repeated(", " + before, 9),
                    "]\n");
  }
  CHECK(ErrorOf(text) ==
        "rules.yaml:6:53: the file expands to too many values");
  CHECK(ErrorOf("&a [*a]") == "rules.yaml:1:5: an alias inside of itself");
  CHECK(ErrorOf("- &a {rule: *a}") ==
        "rules.yaml:1:13: an alias inside of itself");
}

TEST_CASE("a long text may not be repeated without end", "[hostile]") {
  const std::string text = "- list: a\n  items: [&a " +
                           std::string(1 << 20, 'x') + Repeated(", *a", 62);
  CHECK(ErrorOf(text + "]").empty());
  CHECK_THAT(ErrorOf(text + ", *a, *a]"), Catch::Contains("too many values"));
}

TEST_CASE("the documents of a file are weighed together", "[hostile]") {
  const std::string document = "---\n- [" + Repeated("x,", 99'990) + "]\n";
  CHECK_THAT(ErrorOf(Repeated(document, 11)),
             Catch::Contains("too many values"));
}

TEST_CASE("documents without an end are refused", "[hostile]") {
  CHECK(ErrorOf(",") == "rules.yaml:1:1: expected a value");
  CHECK(ErrorOf("---\n- a: b\n---\n,\n") == "rules.yaml:4:1: expected a value");
  CHECK(ErrorOf("---\n---\n...\n---\n...\n").empty());
}

TEST_CASE("macros that expand exponentially are refused", "[hostile]") {
  CHECK(ErrorOf(MacroBomb(4) + RuleText("a", "m4")).empty());
  CHECK_THAT(ErrorOf(MacroBomb(40) + RuleText("a", "m40")),
             Catch::Contains("rule a: the condition "));
}

TEST_CASE("lists that expand exponentially are refused", "[hostile]") {
  CHECK(ErrorOf(ListBomb(4) + RuleText("a", "proc.name in (l4)")).empty());
  CHECK_THAT(ErrorOf(ListBomb(40)),
             Catch::Contains("all lists together have too many items"));
}

TEST_CASE("large lists may not be copied without end", "[hostile]") {
  std::string copies = ListBomb(5);
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&copies, "- {list: c", i, ", items: [l5]}\n");
  }
  CHECK_THAT(ErrorOf(copies), Catch::Contains("too many items"));
  CHECK_THAT(
      ErrorOf(ListBomb(5) +
              RuleText("a", "proc.name in (x" + Repeated(", l5", 100) + ")")),
      Catch::Contains("too many items"));
}

TEST_CASE("large macros may not be copied without end", "[hostile]") {
  std::string text = MacroBomb(4);
  for (int i = 0; i < 1000; ++i) {
    text += RuleText(absl::StrCat("r", i), "m4");
  }
  CHECK_THAT(ErrorOf(text),
             Catch::Contains("all conditions together grow too large"));
  text = ListBomb(4) + "- {macro: m, condition: \"proc.name in (l4)\"}\n";
  for (int i = 0; i < 1000; ++i) {
    text += RuleText(absl::StrCat("r", i), "m");
  }
  CHECK_THAT(ErrorOf(text),
             Catch::Contains("all conditions together grow too large"));
}

TEST_CASE("a long chain of lists is refused", "[hostile]") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    absl::StrAppend(&text, "- {list: l", i, ", items: [l", i + 1, "]}\n");
  }
  CHECK_THAT(ErrorOf(text), Catch::Contains("leads back to itself"));
}

TEST_CASE("macros may not nest without end in each other", "[hostile]") {
  const std::string open = Repeated("(evt.type=x or evt.type=x and not ", 250);
  const std::string close = Repeated(")", 250);
  std::string text = "- {macro: m0, condition: evt.type = x}\n";
  for (int i = 1; i < 60; ++i) {
    absl::StrAppend(&text, "- {macro: m", i, ", condition: ", open, "m", i - 1,
                    close, "}\n");
  }
  CHECK(ErrorOf(text + RuleText("a", "m1")).empty());
  CHECK_THAT(ErrorOf(text + RuleText("a", "m59")),
             Catch::Contains("the condition nests too deeply"));
}

TEST_CASE("a long chain of macros is refused", "[hostile]") {
  std::string text = "- {macro: m0, condition: evt.type = x}\n";
  for (int i = 1; i < 5'000; ++i) {
    absl::StrAppend(&text, "- {macro: m", i, ", condition: m", i - 1, "}\n");
  }
  CHECK(ErrorOf(text + RuleText("a", "m50")).empty());
  CHECK_FALSE(ErrorOf(text + RuleText("a", "m4999")).empty());
}

TEST_CASE("thousands of errors take no longer than their file", "[hostile]") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    text += RuleText(absl::StrCat("r", i), "proc.pid = x");
  }
  const std::string errors = ErrorOf(text);
  CHECK_THAT(errors, Catch::EndsWith("rules.yaml:99998:14: rule r19999: \"x\" "
                                     "is not a number"));
}

TEST_CASE("junk is refused", "[hostile]") {
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    std::string junk = i % 2 == 0 ? "" : RuleText("a", "evt.type = x");
    for (int j = 0; j < 200; ++j) junk += static_cast<char>(random());
    CHECK_NOTHROW(LoadText(junk));
  }
  CHECK_FALSE(ErrorOf(std::string("\0\0\0\0", 4)).empty());
  CHECK_FALSE(ErrorOf("\x7f"
                      "ELF\x02\x01")
                  .empty());
}

}  // namespace gatewatch::detection
