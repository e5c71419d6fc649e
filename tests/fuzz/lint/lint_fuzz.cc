#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "base/status.h"
#include "iac/lint/formats.h"
#include "iac/lint/lint.h"

// A file is linted, skipped, or refused by its name; all forms of what comes
// of it can be written, and its text drives no terminal.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace iac = gatewatch::iac;
  const std::string text(reinterpret_cast<const char*>(data), size);
  iac::LintResult result;
  iac::LintText("f", text, {}, result);
  GATEWATCH_CHECK(result.linted + result.skipped + result.unreadable.size() ==
                  1);
  for (const auto& file : result.unreadable) {
    GATEWATCH_CHECK(absl::StartsWith(file.error, "f:"));
  }
  for (const iac::Format& format : iac::AllFormats()) {
    std::ostringstream out;
    format.write(result, out);
    GATEWATCH_CHECK(!absl::StrContains(out.str(), "\x1B"));
  }
  return 0;
}
