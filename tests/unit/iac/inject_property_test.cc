#include <algorithm>
#include <string>

#include "absl/strings/str_join.h"
#include "catch2/catch.hpp"
#include "iac/inject/inject.h"
#include "tests/unit/iac/template_maker.h"

namespace gatewatch::iac {
namespace {

constexpr unsigned kFiles = 500;  // of each format and mode

InjectOptions OptionsFor(InjectOptions::Mode mode) {
  InjectOptions options;
  options.image = "registry/gatewatch-agent@sha256:0123";
  options.mode = mode;
  options.environment = {{"GATEWATCH_ANALYZER", "analyzer.internal:7443"}};
  options.secrets = {{"GATEWATCH_TLS_KEY_PEM", "tls/key"}};
  return options;
}

// Whether all of `before` is in `after`, in its order, and as it was.
bool Holds(const Node& after, const Node& before) {
  if (after.kind != before.kind || after.tag != before.tag ||
      after.text != before.text || after.plain != before.plain) {
    return false;
  }
  size_t at = 0;
  for (const Node& item : before.items) {
    while (at < after.items.size() && !Holds(after.items[at], item)) ++at;
    if (at++ >= after.items.size()) return false;
  }
  at = 0;
  for (const Node::Member& member : before.members) {
    while (at < after.members.size() &&
           after.members[at].key.text != member.key.text) {
      ++at;
    }
    if (at >= after.members.size()) return false;
    if (!Holds(after.members[at++].value, member.value)) return false;
  }
  return true;
}

// Whether `before` is what is left of `after` when some of it is left out.
bool IsSubsequence(const std::string& before, const std::string& after) {
  size_t at = 0;
  for (const char byte : after) {
    if (at < before.size() && byte == before[at]) ++at;
  }
  return at == before.size();
}

void CheckLaws(const std::string& text, const InjectOptions& options) {
  INFO(text);
  const auto once = Inject("file", text, options);
  INFO(once.status());
  REQUIRE(once.ok());
  INFO(absl::StrJoin(once->findings.errors, "\n"));
  REQUIRE(once->findings.errors.empty());
  INFO(once->after);
  REQUIRE(once->after != text);
  REQUIRE_FALSE(once->findings.edits.empty());

  const auto twice = Inject("file", once->after, options);
  REQUIRE(twice.ok());
  REQUIRE(twice->after == once->after);
  REQUIRE(twice->findings.edits.empty());

  const auto removed = Remove("file", once->after);
  REQUIRE(removed.ok());
  REQUIRE(removed->after == text);

  REQUIRE(IsSubsequence(text, once->after));
  const auto before = SourceFile::Parse("file", text);
  const auto after = SourceFile::Parse("file", once->after);
  REQUIRE(after.ok());
  REQUIRE(before->documents.size() == after->documents.size());
  for (size_t i = 0; i < before->documents.size(); ++i) {
    REQUIRE(after->documents[i].format == before->documents[i].format);
    REQUIRE(Holds(after->documents[i].root, before->documents[i].root));
  }
}

InjectOptions LaunchOptions() {
  InjectOptions options = OptionsFor(InjectOptions::Mode::kLaunch);
  options.images.Add("shop:1", "", {{"/bin/shop"}, {"serve", "--now"}});
  return options;
}

}  // namespace

TEST_CASE("inject twice is inject once, and remove restores any JSON",
          "[iac][property]") {
  const InjectOptions options =
      GENERATE(OptionsFor(InjectOptions::Mode::kSidecar), LaunchOptions());
  for (unsigned seed = 0; seed < kFiles; ++seed) {
    INFO("seed " << seed);
    CheckLaws(TemplateMaker(seed).Json(), options);
  }
}

TEST_CASE("inject twice is inject once, and remove restores any YAML",
          "[iac][property]") {
  const InjectOptions options =
      GENERATE(OptionsFor(InjectOptions::Mode::kSidecar), LaunchOptions());
  for (unsigned seed = 0; seed < kFiles; ++seed) {
    INFO("seed " << seed);
    CheckLaws(TemplateMaker(seed).Yaml(), options);
  }
}

}  // namespace gatewatch::iac
