#ifndef GATEWATCH_CLI_RULE_OPTIONS_H_
#define GATEWATCH_CLI_RULE_OPTIONS_H_

#include <string>

#include "detection/rule_set.h"

namespace CLI {
class App;
}

namespace gatewatch::cli {

// Declares --lists and --tuning, which fill in `paths`; it must outlive the
// command.
void AddTuningOptions(CLI::App& command, detection::RulePaths& paths);

// One line: "exception nightly backup (service backup): it reads all files".
// Escaped.
std::string DescribeSilence(const v1::Silence& silence);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_RULE_OPTIONS_H_
