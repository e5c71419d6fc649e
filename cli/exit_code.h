#ifndef GATEWATCH_CLI_EXIT_CODE_H_
#define GATEWATCH_CLI_EXIT_CODE_H_

namespace gatewatch::cli {

// What scripts can rely on.
enum ExitCode : int {
  kExitOk = 0,
  // There are findings, or nothing matched, where that is the answer.
  kExitNoMatch = 1,
  // The command line or an input file is wrong.
  kExitUsage = 2,
  // The analyzer did not answer.
  kExitUnreachable = 3,
};

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_EXIT_CODE_H_
