#include "rules/shipped_rules.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "catch2/catch.hpp"
#include "detection/rule_set.h"
#include "proto/json.h"

namespace gatewatch {
namespace {

namespace fs = std::filesystem;

fs::path Root() { return std::getenv("GATEWATCH_SOURCE"); }

const detection::RuleSet& Rules() {
  static const auto* const rules = [] {
    auto loaded = detection::RuleSet::Load(ShippedRules());
    if (!loaded.ok()) FAIL(loaded.status().ToString());
    return loaded->release();
  }();
  return *rules;
}

// "Reverse shell" → "reverse-shell"
std::string SlugOf(const std::string& name) {
  std::string slug;
  for (const char c : name) {
    const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(c));
    if (plain) {
      slug += absl::ascii_tolower(static_cast<unsigned char>(c));
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  return slug;
}

struct Line {
  std::string where;  // "FILE:LINE"
  v1::EventRecord record;
};

std::vector<Line> ReadEvents(const std::string& name) {
  const fs::path path = Root() / "rules" / "tests" / name;
  std::ifstream file(path);
  INFO("a rule needs " << path);
  REQUIRE(file);
  std::vector<Line> lines;
  for (std::string text; std::getline(file, text);) {
    Line& line = lines.emplace_back();
    line.where = absl::StrCat(name, ":", lines.size());
    const absl::Status status = FromJson(text, line.record);
    INFO(line.where << " " << status);
    REQUIRE(status.ok());
  }
  INFO(path << " has no event");
  REQUIRE_FALSE(lines.empty());
  return lines;
}

std::set<std::string> FiredBy(const v1::EventRecord& record) {
  std::set<std::string> names;
  for (const auto& match : Rules().Matches(detection::ViewOf(record))) {
    names.insert(match.rule->name());
  }
  return names;
}

}  // namespace

TEST_CASE("every rule file of the folder is built in", "[rules]") {
  std::set<std::string> built_in;
  for (const auto& source : ShippedRules()) {
    built_in.insert(source.name);
    const auto content = ReadFile((Root() / source.name).string());
    REQUIRE(content.ok());
    CHECK(source.text == *content);
  }
  std::set<std::string> on_disk;
  for (const auto& entry : fs::directory_iterator(Root() / "rules/runtime")) {
    on_disk.insert(
        absl::StrCat("rules/runtime/", entry.path().filename().string()));
  }
  CHECK(built_in == on_disk);
}

TEST_CASE("the shipped rules load without a warning", "[rules]") {
  std::vector<std::string> warnings;
  const auto rules = detection::RuleSet::Load(ShippedRules(), &warnings);
  INFO(rules.status());
  REQUIRE(rules.ok());
  CHECK(warnings == std::vector<std::string>{});
  CHECK((*rules)->rules().size() >= 13);
}

TEST_CASE("the shipped rules do not ask for everything", "[rules]") {
  const auto kinds = Rules().NeededKinds();
  REQUIRE(kinds);
  for (const std::string kind : {"open", "exec", "connect", "rename"}) {
    CHECK(std::count(kinds->begin(), kinds->end(), kind) == 1);
  }
  // What servers do all the time costs nothing.
  for (const std::string kind : {"accept", "execmem", "signal", "xattr"}) {
    CHECK(std::count(kinds->begin(), kinds->end(), kind) == 0);
  }
}

TEST_CASE("every rule says what to know and names its technique", "[rules]") {
  for (const v1::Rule& rule : Rules().rules()) {
    INFO(rule.name());
    CHECK(rule.enabled());
    CHECK(absl::StrContains(rule.description(), "False positives:"));
    CHECK(absl::StrContains(rule.description(), "Response:"));
    bool technique = false;
    bool tactic = false;
    for (const std::string& tag : rule.tags()) {
      technique |= tag.size() >= 5 && tag[0] == 'T';
      tactic |= absl::StartsWith(tag, "mitre_");
    }
    CHECK(technique);
    CHECK(tactic);
  }
}

TEST_CASE("a rule fires for the events that must fire it", "[rules]") {
  for (const v1::Rule& rule : Rules().rules()) {
    for (const Line& line : ReadEvents(SlugOf(rule.name()) + ".fires.jsonl")) {
      INFO(line.where);
      CHECK(FiredBy(line.record).count(rule.name()) == 1);
    }
  }
}

TEST_CASE("a rule is quiet for its benign twins", "[rules]") {
  for (const v1::Rule& rule : Rules().rules()) {
    for (const Line& line : ReadEvents(SlugOf(rule.name()) + ".quiet.jsonl")) {
      INFO(line.where);
      CHECK(FiredBy(line.record).count(rule.name()) == 0);
    }
  }
}

TEST_CASE("no rule fires for what services do every day", "[rules]") {
  for (const Line& line : ReadEvents("everyday.quiet.jsonl")) {
    INFO(line.where);
    CHECK(FiredBy(line.record) == std::set<std::string>{});
  }
}

TEST_CASE("every file of events belongs to a rule", "[rules]") {
  std::set<std::string> expected = {"everyday.quiet.jsonl"};
  for (const v1::Rule& rule : Rules().rules()) {
    expected.insert(SlugOf(rule.name()) + ".fires.jsonl");
    expected.insert(SlugOf(rule.name()) + ".quiet.jsonl");
  }
  for (const auto& entry : fs::directory_iterator(Root() / "rules/tests")) {
    INFO(entry.path());
    CHECK(expected.count(entry.path().filename().string()) == 1);
  }
}

TEST_CASE("an alert's text says who did it and where", "[rules]") {
  for (const v1::Rule& rule : Rules().rules()) {
    for (const Line& line : ReadEvents(SlugOf(rule.name()) + ".fires.jsonl")) {
      for (const auto& match :
           Rules().Matches(detection::ViewOf(line.record))) {
        if (match.rule->name() != rule.name()) continue;
        if (!line.record.has_process()) continue;  // about an agent
        INFO(line.where << ": " << match.output);
        for (const std::string what :
             {"command=", "parent=", "container=", "image="}) {
          CHECK(absl::StrContains(match.output, what));
          CHECK_FALSE(absl::StrContains(match.output, what + "<NA>"));
        }
        CHECK_FALSE(match.reasons.empty());
      }
    }
  }
}

}  // namespace gatewatch
