#include <array>

#include "absl/strings/str_replace.h"
#include "base/escape.h"
#include "iac/lint/formats.h"

namespace gatewatch::iac {
namespace {

// By severity, from unknown to error.
constexpr std::array<const char*, 6> kCommands = {"notice", "notice", "warning",
                                                  "error",  "error",  "error"};

// The runner's log is a terminal as well, and ends a command with its line.
std::string Message(absl::string_view text) {
  return absl::StrReplaceAll(EscapeForTerminal(text), {{"%", "%25"}});
}

std::string Property(absl::string_view text) {
  return absl::StrReplaceAll(Message(text), {{":", "%3A"}, {",", "%2C"}});
}

}  // namespace

void WriteAnnotations(const LintResult& result, std::ostream& out) {
  for (const Outcome& outcome : result.outcomes) {
    if (outcome.state != Outcome::State::kOpen) continue;
    const Finding& finding = outcome.finding;
    out << "::" << kCommands[static_cast<size_t>(finding.severity)]
        << " file=" << Property(outcome.file) << ",line=" << finding.place.line
        << ",col=" << finding.place.column << ",title=" << finding.check->id
        << ' ' << finding.check->name << "::" << Message(finding.subject.Name())
        << ": " << Message(finding.message) << "%0A"
        << Message(finding.check->fix) << '\n';
  }
  for (const UnreadableFile& file : result.unreadable) {
    out << "::error file=" << Property(file.file)
        << ",title=unreadable::" << Message(file.error) << '\n';
  }
}

}  // namespace gatewatch::iac
