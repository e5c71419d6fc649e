#include "iac/lint/formats.h"
#include "nlohmann/json.hpp"

namespace gatewatch::iac {
namespace {

using nlohmann::ordered_json;

constexpr const char* kStates[] = {"open", "suppressed", "baseline"};

void WriteLine(const ordered_json& line, std::ostream& out) {
  out << line.dump(-1, ' ', false, ordered_json::error_handler_t::replace)
      << '\n';
}

ordered_json LineOf(const Outcome& outcome) {
  const Finding& finding = outcome.finding;
  const Check& check = *finding.check;
  ordered_json line = {{"check", check.id},
                       {"name", check.name},
                       {"severity", SeverityName(finding.severity)},
                       {"state", kStates[static_cast<int>(outcome.state)]},
                       {"file", outcome.file},
                       {"line", finding.place.line},
                       {"column", finding.place.column},
                       {"object", finding.subject.object},
                       {"container", finding.subject.container},
                       {"message", finding.message},
                       {"reason", check.reason},
                       {"fix", check.fix},
                       {"peers", check.peers}};
  if (outcome.state == Outcome::State::kSuppressed) {
    line["suppressed_because"] = outcome.reason;
  }
  return line;
}

}  // namespace

void WriteJsonLines(const LintResult& result, std::ostream& out) {
  for (const Outcome& outcome : result.outcomes) {
    WriteLine(LineOf(outcome), out);
  }
  for (const UnreadableFile& file : result.unreadable) {
    WriteLine({{"file", file.file}, {"unreadable", file.error}}, out);
  }
  WriteLine({{"linted", result.linted},
             {"skipped", result.skipped},
             {"unreadable_files", result.unreadable.size()},
             {"left_out", result.left_out}},
            out);
}

}  // namespace gatewatch::iac
