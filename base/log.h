#ifndef GATEWATCH_BASE_LOG_H_
#define GATEWATCH_BASE_LOG_H_

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace gatewatch {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Writes one line to the standard error stream: time, level, program, text.
// Control bytes in `text` are escaped. Threads: any. Not for anything that
// happens once an event.
void Log(LogLevel level, absl::string_view text);

// Lines below `level` are not written. The default is kInfo.
void SetLogLevel(LogLevel level);

template <typename... Parts>
void LogInfo(const Parts&... parts) {
  Log(LogLevel::kInfo, absl::StrCat(parts...));
}
template <typename... Parts>
void LogWarning(const Parts&... parts) {
  Log(LogLevel::kWarning, absl::StrCat(parts...));
}
template <typename... Parts>
void LogError(const Parts&... parts) {
  Log(LogLevel::kError, absl::StrCat(parts...));
}

}  // namespace gatewatch

#endif  // GATEWATCH_BASE_LOG_H_
