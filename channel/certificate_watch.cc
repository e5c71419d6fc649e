#include "channel/certificate_watch.h"

#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log.h"
#include "base/status.h"

namespace gatewatch::channel {
namespace {

constexpr absl::Duration kShortRest = absl::Hours(7 * 24);

// Differs once a file is written or replaced.
std::string Signature(const Settings& settings) {
  std::string signature;
  for (const Source* source :
       {&settings.certificate, &settings.key, &settings.ca}) {
    struct stat file = {};
    if (source->file.empty() || ::stat(source->file.c_str(), &file) != 0) {
      file = {};
    }
    absl::StrAppend(&signature, file.st_dev, ":", file.st_ino, ":",
                    file.st_size, ":", file.st_mtim.tv_sec, ".",
                    file.st_mtim.tv_nsec, " ");
  }
  return signature;
}

void WarnOfEnd(const Identity& identity) {
  const absl::Duration rest = identity.not_after - absl::Now();
  if (rest > kShortRest) return;
  LogWarning(identity.certificate_place, " expires in ",
             absl::FormatDuration(absl::Floor(rest, absl::Minutes(1))),
             ": issue another and put it in its place");
}

}  // namespace

CertificateWatch::CertificateWatch(Settings settings, std::string seen,
                                   Identity identity)
    : settings_(std::move(settings)),
      seen_(std::move(seen)),
      identity_(std::move(identity)) {
  WarnOfEnd(identity_);
}

absl::StatusOr<CertificateWatch> CertificateWatch::Open(Settings settings) {
  // Before they are read, so that no later change is missed.
  std::string seen = Signature(settings);
  GATEWATCH_ASSIGN_OR_RETURN(Identity identity,
                             LoadValidIdentity(settings, absl::Now()));
  return CertificateWatch(std::move(settings), std::move(seen),
                          std::move(identity));
}

const Identity* CertificateWatch::TakeNew() {
  Look();
  return std::exchange(is_new_, false) ? &identity_ : nullptr;
}

void CertificateWatch::Look() {
  std::string now = Signature(settings_);
  if (now == seen_) return;
  seen_ = std::move(now);
  absl::StatusOr<Identity> identity = LoadValidIdentity(settings_, absl::Now());
  if (!identity.ok()) {
    LogError(
        "the TLS files have changed and cannot be used, the former ones "
        "stay: ",
        identity.status().message());
    return;
  }
  LogInfo("uses ", identity->certificate_place, " from now on");
  identity_ = *std::move(identity);
  is_new_ = true;
  WarnOfEnd(identity_);
}

}  // namespace gatewatch::channel
