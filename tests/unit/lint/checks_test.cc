#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "base/files.h"
#include "catch2/catch.hpp"
#include "iac/checks/secret_text.h"
#include "iac/fargate_sizes.h"
#include "tests/unit/lint/linted.h"

namespace gatewatch::iac {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLimit = 1 << 20;

// "GWL001-privileged-container"
fs::path FolderOf(const Check& check) {
  return fs::path(DataFolder()) / (std::string(check.id) + "-" + check.name);
}

std::vector<fs::path> FilesIn(const fs::path& folder,
                              const std::string& prefix) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (absl::StartsWith(entry.path().filename().string(), prefix)) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

LintResult LintedFile(const fs::path& file) {
  return Linted(file.string(), *ReadFile(file.string(), kLimit));
}

}  // namespace

TEST_CASE("each check has files that trip it and twins that do not", "[lint]") {
  for (const Check& check : AllChecks()) {
    const auto bad = FilesIn(FolderOf(check), "bad.");
    INFO(check.id);
    REQUIRE_FALSE(bad.empty());
    REQUIRE(bad.size() == FilesIn(FolderOf(check), "good.").size());
    for (const fs::path& file : bad) {
      const fs::path twin =
          file.parent_path() / ("good" + file.filename().string().substr(3));
      INFO(file.string());
      const LintResult tripped = LintedFile(file);
      CHECK(tripped.unreadable.empty());
      CHECK_FALSE(Found(tripped, check.id).empty());
      INFO(twin.string());
      const LintResult passed = LintedFile(twin);
      CHECK(passed.unreadable.empty());
      CHECK(passed.linted == 1);
      for (const Finding& finding : Found(passed, check.id)) {
        FAIL_CHECK(finding.message);
      }
      for (const Finding& finding : Unknown(passed, check.id)) {
        FAIL_CHECK(finding.message);
      }
    }
  }
}

TEST_CASE("there are 32 checks and one about suppressions, in order",
          "[lint]") {
  REQUIRE(AllChecks().size() == 33);
  for (size_t i = 0; i < AllChecks().size(); ++i) {
    const Check& check = AllChecks()[i];
    CHECK(check.id == absl::StrFormat("GWL%03d", i));
    CHECK(FindCheck(check.id) == &check);
    CHECK(FindCheck(check.name) == &check);
  }
  CHECK(FindCheck("GWL099") == nullptr);
}

TEST_CASE("docs/lint.md has each check with its severity and its peers",
          "[lint]") {
  const std::string doc = *ReadFile(DataFolder() + "/../../../docs/lint.md");
  for (const Check& check : AllChecks()) {
    const std::string row = std::string("| ") + check.id + " `" + check.name +
                            "` | " + SeverityName(check.severity) + " | ";
    INFO(row);
    const size_t at = doc.find(row);
    REQUIRE(at != std::string::npos);
    const std::string line = doc.substr(at, doc.find('\n', at) - at);
    CHECK(absl::StrContains(line, check.peers));
    CHECK(absl::StrContains(line, check.fix));
  }
}

TEST_CASE(
    "our sidecar's root, SYS_PTRACE and shared namespace are expected, "
    "an application's are not",
    "[lint]") {
  const auto task = [](const std::string& image) {
    return R"({"family": "f", "requiresCompatibilities": ["FARGATE"],
      "networkMode": "awsvpc", "cpu": "256", "memory": "512",
      "pidMode": "task", "containerDefinitions": [{"name": "gatewatch-agent",
      "image": ")" +
           image + R"(", "user": "0", "essential": true, "linuxParameters":
      {"capabilities": {"add": ["SYS_PTRACE"]}}}]})";
  };
  const LintResult ours =
      Linted("t.json", task("example.com/gatewatch-agent:1"));
  const LintResult other = Linted("t.json", task("example.com/miner:1"));
  for (const char* check : {"GWL003", "GWL005", "GWL013"}) {
    INFO(check);
    CHECK(Found(ours, check).empty());
    CHECK(Found(other, check).size() == 1);
  }
}

TEST_CASE("an agent that cannot see is reported for each reason", "[lint]") {
  const LintResult result = Linted("t.json", R"({"containerDefinitions": [
    {"name": "web", "image": "web"},
    {"name": "gatewatch-agent", "image": "x/gatewatch-agent:1",
     "user": "1000"}]})");
  std::vector<std::string> messages;
  for (const Finding& finding : Found(result, "GWL031")) {
    messages.push_back(finding.message);
  }
  CHECK(messages.size() == 4);  // pidMode, SYS_PTRACE, essential, digest
}

TEST_CASE("a secret is found by its form or its name, and never repeated",
          "[lint]") {
  CHECK(KnownSecret("x AKIAIOSFODNN7EXAMPLE") == "an AWS access key");
  CHECK(KnownSecret("postgres://shop:pw@db/shop") ==
        "an address with a password");
  CHECK(KnownSecret("https://example.com/a:b@c").empty());
  CHECK(IsSecretName("DB_PASSWORD"));
  CHECK(IsSecretName("apiKey"));
  CHECK_FALSE(IsSecretName("TOKEN_TTL"));
  CHECK_FALSE(IsSecretName("MONKEY"));
  CHECK_FALSE(CouldBeSecret("true"));
  CHECK_FALSE(CouldBeSecret("$PASSWORD"));
  CHECK(LooksRandom("f3A9kQ7LmZ0pXv2RtY8uWc5NbE1sHd6J"));
  CHECK_FALSE(LooksRandom("com.example.shop.checkout.PaymentService"));
  const LintResult result = Linted("t.json", R"({"containerDefinitions": [
    {"name": "web", "image": "web", "environment":
     [{"name": "DB_PASSWORD", "value": "correct-horse"}]}]})");
  REQUIRE(Found(result, "GWL007").size() == 1);
  CHECK_FALSE(absl::StrContains(Found(result, "GWL007")[0].message, "horse"));
}

TEST_CASE("Fargate's sizes are those of its documentation", "[lint]") {
  CHECK(IsFargateSize(256, 512));
  CHECK_FALSE(IsFargateSize(256, 1536));
  CHECK(IsFargateSize(4096, 30720));
  CHECK_FALSE(IsFargateSize(8192, 17408));
  CHECK(IsFargateSize(16384, 122880));
  CHECK_FALSE(IsFargateSize(300, 512));
  CHECK(CpuUnits(".25 vCPU") == 256);
  CHECK(MebiBytes("0.5GB") == 512);
  CHECK_FALSE(CpuUnits("lots").has_value());
}

}  // namespace gatewatch::iac
