#include "tests/unit/channel/trial.h"

#include <stdlib.h>

#include <filesystem>

#include "absl/time/clock.h"
#include "base/files.h"
#include "catch2/catch.hpp"

namespace gatewatch::channel::testing {

Trial::Trial() : directory_("/tmp/gatewatch-channel-XXXXXX") {
  REQUIRE(mkdtemp(directory_.data()) != nullptr);
  const auto authority = MakeTrialAuthority(
      {absl::UnixEpoch(), absl::Now() + absl::Hours(24 * 365)});
  REQUIRE(authority.ok());
  authority_ = *authority;
  Write("ca.pem", authority_.certificate);
  Install(Issue("gatewatch://agent/web-1", absl::Now() - absl::Hours(1),
                absl::Now() + absl::Hours(1)));
}

Trial::~Trial() { std::filesystem::remove_all(directory_); }

std::string Trial::Path(const std::string& name) const {
  return directory_ + "/" + name;
}

void Trial::Write(const std::string& name, const std::string& content) const {
  REQUIRE(ReplaceFile(Path(name), content, 0600).ok());
}

IssuedCertificate Trial::Issue(const std::string& uri, absl::Time from,
                               absl::Time until) const {
  const auto issued = IssueCertificate(
      authority_, {.common_name = "x", .uri = uri, .valid = {from, until}});
  REQUIRE(issued.ok());
  return *issued;
}

void Trial::Install(const IssuedCertificate& issued) const {
  Write("own-key.pem", issued.key);
  Write("own.pem", issued.certificate);
}

Settings Trial::settings() const {
  Settings settings;
  settings.certificate.file = Path("own.pem");
  settings.key.file = Path("own-key.pem");
  settings.ca.file = Path("ca.pem");
  return settings;
}

}  // namespace gatewatch::channel::testing
