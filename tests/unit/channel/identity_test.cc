#include "channel/identity.h"

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "catch2/catch.hpp"
#include "tests/unit/channel/trial.h"

namespace gatewatch::channel {

using testing::Trial;

TEST_CASE("an identity is read from files with its names and times",
          "[channel][identity]") {
  const Trial trial;
  const absl::Time from = absl::FromUnixSeconds(1'700'000'000);
  const absl::Time until = absl::FromUnixSeconds(1'800'000'000);
  trial.Install(trial.Issue("gatewatch://agent/ecs/*", from, until));
  const auto identity = LoadIdentity(trial.settings());
  REQUIRE(identity.ok());
  CHECK(identity->uris == std::vector<std::string>{"gatewatch://agent/ecs/*"});
  CHECK(identity->not_before == from);
  CHECK(identity->not_after == until);
  CHECK(CheckValidity(*identity, from).ok());
  CHECK(CheckValidity(*identity, until).ok());
}

TEST_CASE("an identity is read from PEM texts", "[channel][identity]") {
  const Trial trial;
  const IssuedCertificate issued =
      trial.Issue("gatewatch://analyst/alice", absl::Now() - absl::Hours(1),
                  absl::Now() + absl::Hours(1));
  Settings settings;
  settings.certificate.pem = issued.certificate;
  settings.key.pem = issued.key;
  settings.ca.pem = trial.authority().certificate;
  CHECK(LoadValidIdentity(settings, absl::Now()).ok());
}

TEST_CASE("each fault of a file is told with its name", "[channel][identity]") {
  const Trial trial;
  const IssuedCertificate other =
      trial.Issue("gatewatch://agent/other", absl::UnixEpoch(), absl::Now());
  struct Row {
    const char* file;
    std::string content;
    const char* said;
  };
  const Row rows[] = {
      {"own.pem", "", "holds no certificate"},
      {"own.pem", "hello", "holds no certificate"},
      {"own.pem", other.key, "holds no certificate"},
      {"own-key.pem", "hello", "holds no private key"},
      {"own-key.pem", other.certificate, "holds no private key"},
      {"own-key.pem", other.key, "does not belong to"},
      {"ca.pem", "hello", "holds no certificate"},
      {"ca.pem",
       other.certificate + "-----BEGIN CERTIFICATE-----\nMIIB\n"
                           "-----END CERTIFICATE-----\n",
       "holds a damaged certificate"},
  };
  for (const Row& row : rows) {
    const Trial broken;
    broken.Write(row.file, row.content);
    const absl::Status status = LoadIdentity(broken.settings()).status();
    INFO(status);
    CHECK(absl::IsInvalidArgument(status));
    CHECK(absl::StrContains(status.message(), broken.Path(row.file)));
    CHECK(absl::StrContains(status.message(), row.said));
  }
}

TEST_CASE("a file that is not there is named", "[channel][identity]") {
  const Trial trial;
  Settings settings = trial.settings();
  settings.key.file = trial.Path("missing.pem");
  const absl::Status status = LoadIdentity(settings).status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK(absl::StrContains(status.message(), settings.key.file));
  CHECK(absl::StrContains(status.message(), "cannot read"));
}

TEST_CASE("a PEM text that is none is called by its variable",
          "[channel][identity]") {
  const Trial trial;
  Settings settings = trial.settings();
  settings.key = {.pem = "arn:aws:secretsmanager:eu-west-1:1:secret:key"};
  CHECK(absl::StrContains(LoadIdentity(settings).status().message(),
                          "GATEWATCH_TLS_KEY_PEM"));
}

TEST_CASE("an expired certificate and one of the future are told with when",
          "[channel][identity]") {
  const Trial trial;
  const absl::Time from = absl::FromUnixSeconds(1'700'000'000);
  const absl::Time until = absl::FromUnixSeconds(1'700'086'400);
  trial.Install(trial.Issue("gatewatch://agent/web-1", from, until));
  const absl::Status expired =
      LoadValidIdentity(trial.settings(), until + absl::Seconds(1)).status();
  CHECK(absl::IsFailedPrecondition(expired));
  CHECK(absl::StrContains(expired.message(),
                          "own.pem expired at 2023-11-15T22:13:20Z"));
  const absl::Status early =
      LoadValidIdentity(trial.settings(), from - absl::Seconds(1)).status();
  CHECK(absl::IsFailedPrecondition(early));
  CHECK(absl::StrContains(early.message(), "not valid before"));
}

TEST_CASE("the trial's CA signs nothing that is no name or outlives it",
          "[channel][identity]") {
  const Trial trial;
  const ValidTime valid = {absl::Now(), absl::Now() + absl::Hours(1)};
  const CertificateRequest bad[] = {
      {.common_name = "x", .valid = valid},
      {.common_name = "x", .dns_names = {"a,DNS:b"}, .valid = valid},
      {.common_name = "x", .ip_addresses = {"1.2.3"}, .valid = valid},
      {.common_name = "x",
       .uri = "gatewatch://agent/x",
       .valid = {absl::Now(), absl::Now() + absl::Hours(24 * 366)}},
  };
  for (const CertificateRequest& request : bad) {
    CHECK(absl::IsInvalidArgument(
        IssueCertificate(trial.authority(), request).status()));
  }
  CHECK(absl::IsInvalidArgument(
      IssueCertificate({"", ""}, {.uri = "x", .valid = valid}).status()));
}

}  // namespace gatewatch::channel
