#include <array>

#include "absl/strings/str_cat.h"
#include "base/escape.h"
#include "iac/lint/formats.h"

namespace gatewatch::iac {
namespace {

std::string Counted(size_t count, const char* what) {
  return absl::StrCat(count, " ", what, count == 1 ? "" : "s");
}

void WriteOutcome(const Outcome& outcome, std::ostream& out) {
  const Finding& finding = outcome.finding;
  out << EscapeForTerminal(outcome.file) << ':' << finding.place.line << ':'
      << finding.place.column << ": " << SeverityName(finding.severity) << ' '
      << finding.check->id << ' ' << finding.check->name << '\n'
      << "  ";
  if (!finding.subject.object.empty()) {
    out << EscapeForTerminal(finding.subject.Name()) << ": ";
  }
  out << EscapeForTerminal(finding.message) << '\n';
  if (finding.severity == Severity::kUnknown) return;
  out << "  why: " << finding.check->reason << "\n  fix: " << finding.check->fix
      << '\n';
  if (finding.check->peers[0] != '\0') {
    out << "  also: " << finding.check->peers << '\n';
  }
}

// "3 high, 1 low"
std::string BySeverity(const LintResult& result) {
  std::array<size_t, 6> counts{};
  for (const Outcome& outcome : result.outcomes) {
    if (outcome.state != Outcome::State::kOpen) continue;
    ++counts[static_cast<size_t>(outcome.finding.severity)];
  }
  std::string text;
  for (size_t i = counts.size(); i-- > 0;) {
    if (counts[i] == 0) continue;
    absl::StrAppend(&text, text.empty() ? "" : ", ", counts[i], " ",
                    SeverityName(static_cast<Severity>(i)));
  }
  return text.empty() ? "nothing found" : text;
}

size_t Count(const LintResult& result, Outcome::State state) {
  size_t count = 0;
  for (const Outcome& outcome : result.outcomes) {
    count += outcome.state == state;
  }
  return count;
}

}  // namespace

void WriteText(const LintResult& result, std::ostream& out) {
  for (const Outcome& outcome : result.outcomes) {
    if (outcome.state == Outcome::State::kOpen) WriteOutcome(outcome, out);
  }
  for (const UnreadableFile& file : result.unreadable) {
    out << "unreadable: " << EscapeForTerminal(file.error) << '\n';
  }
  for (const std::string& folder : result.left_out) {
    out << "left out: " << EscapeForTerminal(folder) << '\n';
  }
  out << Counted(result.linted, "file") << " linted: " << BySeverity(result);
  const size_t suppressed = Count(result, Outcome::State::kSuppressed);
  const size_t known = Count(result, Outcome::State::kInBaseline);
  if (suppressed > 0) out << "; " << suppressed << " suppressed";
  if (known > 0) out << "; " << known << " in the baseline";
  if (result.skipped > 0) {
    out << "; " << Counted(result.skipped, "other file") << " skipped";
  }
  if (!result.unreadable.empty()) {
    out << "; " << result.unreadable.size() << " unreadable";
  }
  out << '\n';
}

}  // namespace gatewatch::iac
