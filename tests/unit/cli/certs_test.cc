#include <sys/stat.h>

#include <sstream>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/files.h"
#include "catch2/catch.hpp"
#include "channel/identity.h"
#include "cli/app.h"
#include "cli/exit_code.h"
#include "cli/temp_directory.h"

namespace gatewatch::cli {
namespace {

// Runs `gatewatch certs` on a folder.
class Certs {
 public:
  explicit Certs(bool with_ca = true)
      : directory_(*TempDirectory::Create("gatewatch-test-")),
        folder_(directory_.path() + "/certs") {
    if (with_ca) REQUIRE(Run({"init"}) == kExitOk);
  }

  int Run(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), {"gatewatch", "certs"});
    arguments.push_back(folder_.c_str());
    std::ostringstream out;
    std::ostringstream err;
    const int status =
        RunApp(static_cast<int>(arguments.size()), arguments.data(), out, err);
    error_ = err.str();
    return status;
  }

  std::string Path(absl::string_view name) const {
    return absl::StrCat(folder_, "/", name);
  }
  const std::string& error() const { return error_; }

  absl::StatusOr<channel::Identity> Load(const std::string& stem) const {
    channel::Settings settings;
    settings.certificate.file = Path(stem + ".pem");
    settings.key.file = Path(stem + "-key.pem");
    settings.ca.file = Path("ca.pem");
    return channel::LoadValidIdentity(settings, absl::Now());
  }

 private:
  const TempDirectory directory_;
  const std::string folder_;
  std::string error_;
};

mode_t ModeOf(const std::string& path) {
  struct stat status = {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

}  // namespace

TEST_CASE("certificates are issued that the channel takes", "[cli][certs]") {
  Certs certs;
  struct Row {
    std::vector<const char*> arguments;
    const char* stem;
    std::vector<std::string> uris;
  };
  const Row rows[] = {
      {{"--role", "analyzer", "--dns", "a.internal", "--ip", "::1"},
       "analyzer",
       {}},
      {{"--role", "agent", "--name", "web-1"},
       "agent-web-1",
       {"gatewatch://agent/web-1"}},
      {{"--role", "agent", "--name", "ecs/*"},
       "agent-ecs_any",
       {"gatewatch://agent/ecs/*"}},
      {{"--role", "analyst", "--name", "alice", "--out", "me"},
       "me",
       {"gatewatch://analyst/alice"}},
  };
  for (const Row& row : rows) {
    std::vector<const char*> arguments = {"issue"};
    arguments.insert(arguments.end(), row.arguments.begin(),
                     row.arguments.end());
    REQUIRE(certs.Run(arguments) == kExitOk);
    const auto identity = certs.Load(row.stem);
    INFO(identity.status());
    REQUIRE(identity.ok());
    CHECK(identity->uris == row.uris);
  }
}

TEST_CASE("keys are their owner's alone to read", "[cli][certs]") {
  Certs certs;
  REQUIRE(certs.Run({"issue", "--role", "agent", "--name", "a"}) == kExitOk);
  CHECK(ModeOf(certs.Path("ca-key.pem")) == 0600);
  CHECK(ModeOf(certs.Path("agent-a-key.pem")) == 0600);
  CHECK(ModeOf(certs.Path("agent-a.pem")) == 0644);
}

TEST_CASE("a CA that is there is not replaced", "[cli][certs]") {
  Certs certs;
  const auto before = ReadFile(certs.Path("ca-key.pem"));
  CHECK(certs.Run({"init"}) == kExitUsage);
  CHECK(absl::StrContains(certs.error(), "exists"));
  CHECK(*ReadFile(certs.Path("ca-key.pem")) == *before);
}

TEST_CASE("a certificate without a CA is refused with how to make one",
          "[cli][certs]") {
  Certs certs(/*with_ca=*/false);
  CHECK(certs.Run({"issue", "--role", "agent", "--name", "a"}) == kExitUsage);
  CHECK(absl::StrContains(certs.error(), "gatewatch certs init"));
}

TEST_CASE("what makes no certificate is refused", "[cli][certs]") {
  Certs certs;
  const std::vector<const char*> wrong[] = {
      {"issue", "--role", "agent"},
      {"issue", "--role", "agent", "--name", "a b"},
      {"issue", "--role", "agent", "--name", "a*b"},
      {"issue", "--role", "agent", "--name", "a", "--dns", "b"},
      {"issue", "--role", "analyst", "--name", "*"},
      {"issue", "--role", "analyzer"},
      {"issue", "--role", "analyzer", "--dns", "a b"},
      {"issue", "--role", "analyzer", "--ip", "localhost"},
      {"issue", "--role", "root", "--name", "a"},
      {"issue", "--role", "agent", "--name", "a", "--days", "0"},
      {"issue", "--role", "agent", "--name", "a", "--days", "366"},
      {"issue", "--role", "agent", "--name", "a", "--from", "yesterday"},
  };
  for (const std::vector<const char*>& arguments : wrong) {
    CHECK(certs.Run(arguments) == kExitUsage);
    INFO(certs.error());
    CHECK_FALSE(certs.error().empty());
  }
}

}  // namespace gatewatch::cli
