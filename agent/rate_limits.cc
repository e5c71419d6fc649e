#include "agent/rate_limits.h"

#include <fcntl.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/syscall_kind.h"

namespace gatewatch::agent {
namespace {

constexpr uint32_t kBurstSeconds = 5;
constexpr uint32_t kHighestRate = 1'000'000;
constexpr absl::string_view kRead = "open-read";
constexpr absl::string_view kWrite = "open-write";

// Far above what a server does, below what floods an analyzer: a container at
// all of its limits is an outlier. What tells most and comes seldom has
// limits that only an attack on the agent itself reaches.
constexpr RateLimit kDefaults[] = {
    // What lineage rests on: a build starts thousands of processes.
    {"start", 2000, 20'000},    {"exec", 500, 5000},    {"exit", 2000, 20'000},

    {kRead, 2000, 10'000},      {kWrite, 1000, 5000},   {"unlink", 500, 5000},
    {"rename", 500, 5000},      {"link", 500, 5000},    {"symlink", 500, 5000},
    {"chmod", 500, 5000},       {"chown", 500, 5000},   {"mkdir", 500, 5000},
    {"rmdir", 500, 5000},       {"mknod", 500, 5000},   {"truncate", 500, 5000},
    {"xattr", 500, 5000},

    {"connect", 500, 2500},     {"bind", 200, 1000},    {"listen", 200, 1000},
    {"accept", 500, 2500},      {"sendto", 500, 2500},  {"socket", 200, 1000},
    {"dns", 500, 2500},

    {"credentials", 500, 5000}, {"ptrace", 500, 5000},  {"signal", 500, 5000},
    {"memfd", 500, 5000},       {"execmem", 500, 5000}, {"dup", 500, 5000},
    {"namespace", 500, 5000},   {"mount", 500, 5000},   {"kernel", 500, 5000},
};

std::string Names() {
  return absl::StrJoin(kDefaults, ", ",
                       [](std::string* out, const RateLimit& limit) {
                         absl::StrAppend(out, limit.name);
                       });
}

bool OpensForReading(const probes::FileOpened& opened) {
  return !opened.creates && (opened.flags & (O_ACCMODE | O_TRUNC)) == O_RDONLY;
}

}  // namespace

RateLimits DefaultRateLimits() {
  return {std::begin(kDefaults), std::end(kDefaults)};
}

RateLimits NoRateLimits() {
  RateLimits limits = DefaultRateLimits();
  for (RateLimit& limit : limits) limit.per_second = 0;
  return limits;
}

absl::Status ChangeRateLimit(absl::string_view text, RateLimits& limits) {
  if (text == "off") {
    limits = NoRateLimits();
    return absl::OkStatus();
  }
  const size_t equals = text.find('=');
  const absl::string_view name = text.substr(0, equals);
  const auto limit = std::find_if(
      limits.begin(), limits.end(),
      [name](const RateLimit& known) { return known.name == name; });
  if (limit == limits.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "no rate limit is named \"", name, "\"; there are ", Names()));
  }
  const absl::string_view value =
      equals == absl::string_view::npos ? "" : text.substr(equals + 1);
  uint32_t rate = 0;
  const bool is_rate = absl::SimpleAtoi(value, &rate) && rate > 0;
  if (value != "off" && (!is_rate || rate > kHighestRate)) {
    return absl::InvalidArgumentError(
        absl::StrCat(text, ": a rate is a number from 1 to ", kHighestRate,
                     " of events a second, or \"off\""));
  }
  limit->per_second = rate;
  limit->burst = rate * kBurstSeconds;
  return absl::OkStatus();
}

absl::string_view RateLimitOf(const probes::Observation& observation) {
  const probes::Detail& detail = observation.detail;
  if (const auto* opened = std::get_if<probes::FileOpened>(&detail)) {
    return OpensForReading(*opened) ? kRead : kWrite;
  }
  if (std::holds_alternative<probes::CredentialsChanged>(detail) ||
      std::holds_alternative<probes::ObservationsLost>(detail)) {
    return "";
  }
  // A clone(2) that makes namespaces is observed for these.
  if (std::holds_alternative<probes::NamespaceChanged>(detail)) {
    return "namespace";
  }
  return KindOfSyscall(observation.syscall);
}

absl::string_view KindOfRateLimit(absl::string_view name) {
  return name == kRead || name == kWrite ? "open" : name;
}

}  // namespace gatewatch::agent
