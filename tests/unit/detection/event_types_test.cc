#include "detection/event_types.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catch2/catch.hpp"
#include "detection/compiled_condition.h"
#include "detection/parser.h"

namespace gatewatch::detection {
namespace {

std::unique_ptr<CompiledCondition> Compile(const std::string& text) {
  ParseError error;
  size_t budget = 1000;
  const ExpressionPtr parsed = ParseCondition(text, nullptr, error);
  if (parsed == nullptr) FAIL(text << ": " << error.what);
  auto compiled = CompiledCondition::Compile(*parsed, nullptr, budget, error);
  if (compiled == nullptr) FAIL(text << ": " << error.what);
  return compiled;
}

bool Includes(const EventTypes& types, const std::string& type) {
  return types.names.contains(type) != types.all_but;
}

// "a b", or "-a b" for all but these.
std::string TypesOf(const std::string& text) {
  const EventTypes types = Compile(text)->types();
  std::string names = absl::StrJoin(types.names, " ");
  return types.all_but ? "-" + names : names;
}

// A random condition over evt.type and one more field.
std::string Random(std::mt19937& random, int depth) {
  const auto below = [&](unsigned n) { return random() % n; };
  if (depth == 0 || below(4) == 0) {
    constexpr const char* kLeaves[] = {"evt.type = a",
                                       "evt.type = b",
                                       "evt.type != a",
                                       "evt.type in (a, b)",
                                       "evt.type in ()",
                                       "evt.type in (c)",
                                       "evt.type iequals A",
                                       "evt.type iequals anyof (B, c)",
                                       "evt.type iequals allof (a, B)",
                                       "audit.type iequals EXECVE",
                                       "evt.type exists",
                                       "evt.type startswith a",
                                       "evt.type != b",
                                       "evt.type = val(proc.name)",
                                       "evt.num = 0",
                                       "evt.num >= 0",
                                       "evt.num = anyof (0, 1)",
                                       "evt.num = allof ()",
                                       "proc.name = x",
                                       "proc.name != x",
                                       "evt.type = anyof (a, b)",
                                       "evt.type != allof (a, b)",
                                       "tolower(evt.type) = a",
                                       "evt.type intersects (b, c)"};
    return kLeaves[below(std::size(kLeaves))];
  }
  const std::string left = Random(random, depth - 1);
  switch (below(3)) {
    case 0:
      return absl::StrCat("not (", left, ")");
    case 1:
      return absl::StrCat("(", left, ") and (", Random(random, depth - 1), ")");
    default:
      return absl::StrCat("(", left, ") or (", Random(random, depth - 1), ")");
  }
}

}  // namespace

TEST_CASE("the event types of a condition follow its structure", "[types]") {
  CHECK(TypesOf("evt.type = a") == "a");
  CHECK(TypesOf("evt.type in (a, b)") == "a b");
  CHECK(TypesOf("evt.type != a") == "-a");
  CHECK(TypesOf("evt.type in (a, b) and proc.name = x") == "a b");
  CHECK(TypesOf("evt.type = a or evt.type = b") == "a b");
  CHECK(TypesOf("evt.type in (a, b) and evt.type in (b, c)") == "b");
  CHECK(TypesOf("evt.type in (a, b) and not evt.type = a") == "b");
  CHECK(TypesOf("not (evt.type = a or evt.type = b)") == "-a b");
  CHECK(TypesOf("evt.type = a or proc.name = x") == "-");
  CHECK(TypesOf("proc.name = x") == "-");
  CHECK(TypesOf("evt.type iequals anyof (A, b)") == "a b");
  CHECK(TypesOf("audit.type iequals execve") == "execve execveat");
}

TEST_CASE("the negation of more than evt.type holds for any type", "[types]") {
  CHECK(TypesOf("not (evt.type = a and proc.name = x)") == "-");
  CHECK(TypesOf("evt.type = b and not (evt.type = a and proc.name = x)") ==
        "b");
}

TEST_CASE("evt.num=0 holds for no type", "[types]") {
  CHECK(TypesOf("evt.num = 0").empty());
  CHECK(TypesOf("evt.num = 0 or evt.type = a") == "a");
  CHECK(TypesOf("not evt.num = 0") == "-");
  CHECK(TypesOf("evt.num = 1") == "-");
  CHECK(TypesOf("evt.num = anyof (0, 9)") == "-");
  CHECK(TypesOf("evt.num = allof ()") == "-");
}

TEST_CASE("no condition excludes a type of event that it holds for",
          "[types]") {
  std::mt19937 random(20240131);
  v1::EventRecord record;
  record.mutable_event()->set_sequence(1);
  int held = 0;
  for (int i = 0; i < 5'000; ++i) {
    const std::string text = Random(random, 4);
    const auto condition = Compile(text);
    for (const std::string type : {"a", "b", "c", "d", ""}) {
      for (const std::string name : {"x", "a", ""}) {
        record.mutable_event()->set_syscall(type);
        record.mutable_process()->set_name(name);
        if (!condition->Matches(ViewOf(record))) continue;
        ++held;
        if (!Includes(condition->types(), type)) {
          FAIL_CHECK(text << " excludes " << type);
        }
      }
    }
  }
  CHECK(held > 10'000);
}

}  // namespace gatewatch::detection
