#include <map>

#include "absl/strings/str_cat.h"
#include "base/escape.h"
#include "iac/lint/formats.h"

namespace gatewatch::iac {
namespace {

// Text for an attribute or an element. XML has no control bytes at all.
std::string Xml(absl::string_view text) {
  std::string xml;
  for (const char c : EscapeForTerminal(text)) {
    switch (c) {
      case '&':
        xml += "&amp;";
        break;
      case '<':
        xml += "&lt;";
        break;
      case '>':
        xml += "&gt;";
        break;
      case '"':
        xml += "&quot;";
        break;
      default:
        xml += c;
    }
  }
  return xml;
}

struct Suite {
  std::vector<const Outcome*> outcomes;
  std::vector<const UnreadableFile*> unreadable;
};

bool IsFailure(const Outcome& outcome) {
  return outcome.state == Outcome::State::kOpen &&
         outcome.finding.severity != Severity::kUnknown;
}

void WriteCase(const Outcome& outcome, std::ostream& out) {
  const Finding& finding = outcome.finding;
  out << "    <testcase classname=\"" << Xml(finding.subject.Name())
      << "\" name=\"" << finding.check->id << ' ' << finding.check->name
      << "\">";
  if (IsFailure(outcome)) {
    out << "<failure type=\"" << SeverityName(finding.severity)
        << "\" message=\"" << Xml(finding.message) << "\">" << Xml(outcome.file)
        << ':' << finding.place.line << ':' << finding.place.column << ": "
        << Xml(finding.check->fix) << "</failure>";
  } else {
    out << "<skipped message=\""
        << Xml(outcome.reason.empty() ? finding.message : outcome.reason)
        << "\"/>";
  }
  out << "</testcase>\n";
}

void WriteSuite(const std::string& name, const Suite& suite,
                std::ostream& out) {
  size_t failures = 0;
  for (const Outcome* outcome : suite.outcomes) failures += IsFailure(*outcome);
  out << "  <testsuite name=\"" << Xml(name) << "\" tests=\""
      << suite.outcomes.size() + suite.unreadable.size() << "\" failures=\""
      << failures << "\" errors=\"" << suite.unreadable.size()
      << "\" skipped=\"" << suite.outcomes.size() - failures << "\">\n";
  for (const Outcome* outcome : suite.outcomes) WriteCase(*outcome, out);
  for (const UnreadableFile* file : suite.unreadable) {
    out << "    <testcase classname=\"" << Xml(name)
        << "\" name=\"read\"><error message=\"" << Xml(file->error)
        << "\"/></testcase>\n";
  }
  out << "  </testsuite>\n";
}

}  // namespace

void WriteJunit(const LintResult& result, std::ostream& out) {
  std::map<std::string, Suite> suites;
  for (const Outcome& outcome : result.outcomes) {
    suites[outcome.file].outcomes.push_back(&outcome);
  }
  for (const UnreadableFile& file : result.unreadable) {
    suites[file.file].unreadable.push_back(&file);
  }
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      << "<testsuites name=\"gatewatch lint\">\n";
  for (const auto& [name, suite] : suites) WriteSuite(name, suite, out);
  out << "</testsuites>\n";
}

}  // namespace gatewatch::iac
