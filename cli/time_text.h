#ifndef GATEWATCH_CLI_TIME_TEXT_H_
#define GATEWATCH_CLI_TIME_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gatewatch::cli {

// A moment as people give it: "90s", "30m", "1h", "2d" before `now_ns`, or an
// RFC 3339 time such as 2026-01-31T12:00:00Z. Unix nanoseconds.
// InvalidArgument for anything else and for moments before 1970.
absl::StatusOr<uint64_t> ParseMoment(absl::string_view text, uint64_t now_ns);

// Unix nanoseconds as 2026-01-31T12:00:00.123Z, which ParseMoment reads.
std::string FormatMoment(uint64_t unix_ns);

// How long ago `unix_ns` was, in its largest unit: "5s", "3m", "2h", "4d".
// What is in the future is "0s" ago; 0 is "never".
std::string FormatAge(uint64_t unix_ns, uint64_t now_ns);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_TIME_TEXT_H_
