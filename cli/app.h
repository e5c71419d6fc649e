#ifndef GATEWATCH_CLI_APP_H_
#define GATEWATCH_CLI_APP_H_

#include <ostream>

namespace gatewatch::cli {

// The program `gatewatch`: reads the command line and the environment
// (GATEWATCH_…), does what they say, and returns the exit status, an
// ExitCode or that of a command that was run.
int RunApp(int argc, const char* const* argv, std::ostream& out,
           std::ostream& err);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_APP_H_
