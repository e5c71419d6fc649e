#include "base/log.h"

#include <errno.h>  // program_invocation_short_name

#include <memory>
#include <string>

#include "base/escape.h"
#include "spdlog/sinks/stdout_color_sinks.h"
#include "spdlog/spdlog.h"

namespace gatewatch {
namespace {

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = spdlog::stderr_color_mt(program_invocation_short_name);
    made->set_pattern("%Y-%m-%dT%H:%M:%SZ %^%l%$ %n: %v",
                      spdlog::pattern_time_type::utc);
    return made;
  }();
  return *logger;
}

}  // namespace

void Log(LogLevel level, absl::string_view text) {
  Logger().log(SpdlogLevel(level), EscapeForTerminal(text));
}

void SetLogLevel(LogLevel level) { Logger().set_level(SpdlogLevel(level)); }

}  // namespace gatewatch
