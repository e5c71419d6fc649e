#ifndef GATEWATCH_CLI_RENDER_ALERT_H_
#define GATEWATCH_CLI_RENDER_ALERT_H_

#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "gatewatch/v1/alert.pb.h"
#include "gatewatch/v1/query.pb.h"

namespace gatewatch::cli {

// "critical"
std::string SeverityName(v1::Severity severity);

// Time, severity, id, rule, count and the rule's output, escaped.
std::string AlertLine(const v1::Alert& alert);

// Everything that an analyst needs first, on about one screen: what, where,
// who, the lineage, why the rule fired, the events around it, the technique,
// and what the rule's author says to do.
void WriteAlertPage(const v1::GetAlertResponse& response, std::ostream& out);

// A condition, the value that it held or failed for, and where it comes from,
// on one line that begins with `indent`.
void WriteReason(const v1::Reason& reason, absl::string_view indent,
                 std::ostream& out);

// Text that the analyzer escaped already: what drives a terminal is escaped
// here too, but a backslash stays one, so that nothing is escaped twice.
std::string GuardEscaped(absl::string_view text);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_RENDER_ALERT_H_
