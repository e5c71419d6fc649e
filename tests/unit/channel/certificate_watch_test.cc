#include "channel/certificate_watch.h"

#include <unistd.h>

#include "absl/time/clock.h"
#include "base/log.h"
#include "catch2/catch.hpp"
#include "tests/unit/channel/trial.h"

namespace gatewatch::channel {
namespace {

using testing::Trial;

IssuedCertificate Another(const Trial& trial) {
  return trial.Issue("gatewatch://agent/web-1", absl::Now() - absl::Hours(1),
                     absl::Now() + absl::Hours(2));
}

class Watch {
 public:
  explicit Watch(const Trial& trial)
      : watch_(CertificateWatch::Open(trial.settings())) {
    SetLogLevel(LogLevel::kError);
    REQUIRE(watch_.ok());
    REQUIRE(watch_->TakeNew() != nullptr);
  }
  const Identity* TakeNew() { return watch_->TakeNew(); }

 private:
  absl::StatusOr<CertificateWatch> watch_;
};

}  // namespace

TEST_CASE("files that stay as they are bring nothing new", "[channel][watch]") {
  const Trial trial;
  Watch watch(trial);
  CHECK(watch.TakeNew() == nullptr);
}

TEST_CASE("replaced files count once both fit", "[channel][watch]") {
  const Trial trial;
  Watch watch(trial);
  const IssuedCertificate another = Another(trial);
  trial.Write("own-key.pem", another.key);
  CHECK(watch.TakeNew() == nullptr);
  trial.Write("own.pem", another.certificate);
  const Identity* identity = watch.TakeNew();
  REQUIRE(identity != nullptr);
  CHECK(identity->certificate == another.certificate);
  CHECK(identity->key == another.key);
  CHECK(watch.TakeNew() == nullptr);
}

TEST_CASE("another CA counts too", "[channel][watch]") {
  const Trial trial;
  const Trial other;
  Watch watch(trial);
  trial.Write("ca.pem",
              trial.authority().certificate + other.authority().certificate);
  const Identity* identity = watch.TakeNew();
  REQUIRE(identity != nullptr);
  CHECK(identity->ca ==
        trial.authority().certificate + other.authority().certificate);
}

TEST_CASE("files that are deleted, broken or expired change nothing",
          "[channel][watch]") {
  const Trial trial;
  Watch watch(trial);
  REQUIRE(unlink(trial.Path("own.pem").c_str()) == 0);
  CHECK(watch.TakeNew() == nullptr);
  trial.Write("own.pem", "hello");
  CHECK(watch.TakeNew() == nullptr);
  trial.Install(
      trial.Issue("gatewatch://agent/web-1", absl::UnixEpoch(), absl::Now()));
  CHECK(watch.TakeNew() == nullptr);
  trial.Install(Another(trial));
  CHECK(watch.TakeNew() != nullptr);
}

TEST_CASE("a server does not begin with files that are unfit",
          "[channel][watch]") {
  const Trial trial;
  trial.Install(
      trial.Issue("gatewatch://agent/web-1", absl::UnixEpoch(), absl::Now()));
  CHECK(absl::IsFailedPrecondition(
      CertificateWatch::Open(trial.settings()).status()));
}

}  // namespace gatewatch::channel
