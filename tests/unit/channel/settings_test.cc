#include "channel/settings.h"

#include "absl/strings/match.h"
#include "catch2/catch.hpp"

namespace gatewatch::channel {
namespace {

Settings Complete() {
  Settings settings;
  settings.certificate.file = "a.pem";
  settings.key.pem = "key";
  settings.ca.file = "ca.pem";
  return settings;
}

Settings Changed(void (*change)(Settings&)) {
  Settings settings = Complete();
  change(settings);
  return settings;
}

absl::StatusOr<Protection> At(const char* address, const Settings& settings) {
  return ProtectionAt(*ParseAddress(address), settings);
}

}  // namespace

TEST_CASE("settings are complete or absent", "[channel][settings]") {
  CHECK(CheckSettings({}).ok());
  CHECK(CheckSettings(Complete()).ok());
}

TEST_CASE("partial and contradicting settings are refused with what is wrong",
          "[channel][settings]") {
  struct Row {
    Settings settings;
    const char* named;
  };
  const Row rows[] = {
      {Changed([](Settings& s) { s.certificate = {}; }), "--tls-cert"},
      {Changed([](Settings& s) { s.key = {}; }), "GATEWATCH_TLS_KEY_PEM"},
      {Changed([](Settings& s) { s.ca = {}; }), "--tls-ca"},
      {Changed([](Settings& s) { s.ca.pem = "x"; }), "contradict"},
      {Changed([](Settings& s) { s.insecure_plaintext = true; }),
       "--insecure-plaintext"},
      {Changed([](Settings& s) {
         s = {};
         s.server_name = "x";
       }),
       "--tls-server-name"},
  };
  for (const Row& row : rows) {
    INFO(row.named);
    const absl::Status status = CheckSettings(row.settings);
    CHECK(absl::IsInvalidArgument(status));
    CHECK(absl::StrContains(status.message(), row.named));
    // On loopback too: nobody asked for plaintext.
    CHECK_FALSE(At("127.0.0.1:1", row.settings).ok());
  }
}

TEST_CASE("TLS is used wherever it is configured but on guarded sockets",
          "[channel][settings]") {
  for (const char* address : {"10.0.0.1:1", "analyzer.internal:7443",
                              "127.0.0.1:1", "unix-abstract:x"}) {
    INFO(address);
    REQUIRE(At(address, Complete()).ok());
    CHECK(*At(address, Complete()) == Protection::kTls);
  }
  CHECK(*At("unix:/run/x", Complete()) == Protection::kPlaintext);
}

TEST_CASE("plaintext beyond this host is refused unless asked for by name",
          "[channel][settings]") {
  for (const char* address : {"127.0.0.1:1", "[::1]:1", "unix-abstract:x"}) {
    INFO(address);
    REQUIRE(At(address, {}).ok());
    CHECK(*At(address, {}) == Protection::kPlaintext);
  }
  const absl::Status refused = At("10.0.0.1:1", {}).status();
  CHECK(absl::IsInvalidArgument(refused));
  for (const char* remedy : {"--tls-cert", "--insecure-plaintext"}) {
    CHECK(absl::StrContains(refused.message(), remedy));
  }
  Settings insecure;
  insecure.insecure_plaintext = true;
  REQUIRE(At("10.0.0.1:1", insecure).ok());
  CHECK(*At("10.0.0.1:1", insecure) == Protection::kPlaintext);
}

}  // namespace gatewatch::channel
