#include "detection/matcher.h"

#include <atomic>
#include <memory>
#include <thread>

#include "catch2/catch.hpp"
#include "detection/matcher_builder.h"
#include "detection/parser.h"
#include "tests/unit/detection/random_rules.h"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

using Ids = std::vector<uint32_t>;

std::unique_ptr<CompiledCondition> Compiled(const std::string& text) {
  ParseError error;
  const ExpressionPtr parsed = ParseCondition(text, nullptr, error);
  if (parsed == nullptr) FAIL(text << ": " << error.what);
  size_t budget = 1'000'000;
  auto compiled = CompiledCondition::Compile(*parsed, nullptr, budget, error);
  if (compiled == nullptr) FAIL(text << ": " << error.what);
  return compiled;
}

// Conditions with their matcher; the ids are their positions.
struct Conditions {
  explicit Conditions(const std::vector<std::string>& texts) {
    Matcher::Builder builder;
    for (const std::string& text : texts) {
      compiled.push_back(Compiled(text));
      builder.Add(static_cast<uint32_t>(compiled.size() - 1), *compiled.back());
    }
    matcher = std::move(builder).Build();
  }

  Ids Match(const v1::EventRecord& record) {
    const auto found = matcher.Match(ViewOf(record), scratch);
    return {found.begin(), found.end()};
  }

  // What a walk over all of them finds.
  Ids Walk(const v1::EventRecord& record) const {
    Ids found;
    for (size_t i = 0; i < compiled.size(); ++i) {
      if (compiled[i]->Matches(ViewOf(record))) {
        found.push_back(static_cast<uint32_t>(i));
      }
    }
    return found;
  }

  std::vector<std::unique_ptr<CompiledCondition>> compiled;
  Matcher matcher;
  Matcher::Scratch scratch;
};

TEST_CASE("conditions that hold are found in the order of their ids") {
  Conditions conditions({"proc.name = sh", "fd.name = /etc/shadow",
                         "proc.name = bash", "proc.name startswith s",
                         "not proc.name = bash"});
  CHECK(conditions.Match(ShadowOpen()) == Ids{0, 1, 3, 4});
  CHECK(conditions.Match(Connect()) == Ids{0, 3, 4});
}

TEST_CASE("a matcher without conditions finds none") {
  Conditions conditions({});
  CHECK(conditions.Match(ShellExec()).empty());
}

TEST_CASE("a condition is found by each of the texts that will do for it") {
  const std::string& condition = GENERATE(
      as<std::string>(), "fd.name = /etc/shadow",
      "fd.name in (/etc/passwd, /etc/shadow)", "fd.name startswith /etc",
      "fd.name endswith shadow", "fd.name contains /sha",
      "fd.name icontains ETC/SH", "fd.name glob /etc/sh*",
      "fd.name iglob /ETC/SH*", "fd.name pmatch (/usr, /etc)",
      "fd.name regex \"/e.*(shadow|passwd)\"", "fd.name bcontains 736861646f77",
      "fd.name bstartswith 2f657463", "proc.pid = 0x1092",
      "proc.aname = supervisord", "fd.name contains etc and fd.name endswith w",
      "fd.name glob \"/etc/[s]hadow\"", "fd.name glob \"/etc/sh\\\\adow\"",
      "fd.name pmatch (\"/e*c\")", "(fd.name = /x or proc.name = sh)",
      "evt.is_open_read = true");
  CAPTURE(condition);
  Conditions conditions({"proc.name = nothing", condition});
  CHECK(conditions.Match(ShadowOpen()) == Ids{1});
}

TEST_CASE("addresses are found by either way of writing them") {
  Conditions conditions({"fd.sip = 169.254.170.2", "fd.sip in (10.0.0.1/32)",
                         "fd.snet in (169.254.0.0/16)"});
  CHECK(conditions.Match(Connect()) == Ids{0, 2});
  Conditions six({"fd.sip = 2001:0db8:0000::0001"});
  CHECK(six.Match(Connect6()) == Ids{0});
}

TEST_CASE("a scratch serves different matchers in turn") {
  Conditions one({"proc.name = sh"});
  Conditions other({"proc.name = bash", "fd.name = /etc/shadow",
                    "proc.name = sh and fd.name = /etc/shadow"});
  std::swap(one.scratch, other.scratch);
  for (int round = 0; round < 3; ++round) {
    CHECK(one.Match(ShadowOpen()) == Ids{0});
    CHECK(other.Match(ShadowOpen()) == Ids{1, 2});
    std::swap(one.scratch, other.scratch);
  }
}

TEST_CASE("a condition of more texts and types than are indexed is found") {
  std::string types = "openat", names = "sh";
  for (int i = 0; i < 400; ++i) {
    types += ", call" + std::to_string(i);
    names += ", name" + std::to_string(i);
  }
  Conditions conditions(
      {"evt.type in (" + types + ") and proc.name in (" + names + ")"});
  CHECK(conditions.Match(ShadowOpen()) == Ids{0});
  CHECK(conditions.Match(Connect()).empty());
}

TEST_CASE("a rule set serves several threads at once") {
  const Loaded rules = LoadText(RuleText("A", "proc.name = sh") +
                                RuleText("B", "fd.name contains shadow"));
  REQUIRE(rules.ok());
  const v1::EventRecord records[] = {ShadowOpen(), Connect()};
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (size_t round = 0; round < 500; ++round) {
        const size_t which = round % 2;
        const size_t matches = (*rules)->Matches(ViewOf(records[which])).size();
        if (matches != 2 - which) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("random conditions match random events as a plain walk does") {
  constexpr uint32_t kSets = 50;
  constexpr size_t kConditions = 200;
  constexpr size_t kEvents = 100;
  size_t pairs = 0, matches = 0;
  for (uint32_t seed = 1; seed <= kSets; ++seed) {
    RandomRules random(seed);
    std::vector<std::string> texts(kConditions);
    for (std::string& text : texts) text = random.Condition(3);
    Conditions conditions(texts);
    for (size_t i = 0; i < kEvents; ++i) {
      const v1::EventRecord record = random.Event();
      const Ids expected = conditions.Walk(record);
      pairs += texts.size();
      matches += expected.size();
      if (conditions.Match(record) == expected) continue;
      INFO("seed " << seed << " event " << record.ShortDebugString());
      REQUIRE(conditions.Match(record) == expected);
    }
  }
  CHECK(pairs == 1'000'000);
  // A world in which next to nothing holds would prove next to nothing.
  CHECK(matches > pairs / 20);
  CHECK(matches < pairs / 2);
}

}  // namespace
}  // namespace gatewatch::detection
