#ifndef GATEWATCH_CLI_COMMAND_DOCTOR_H_
#define GATEWATCH_CLI_COMMAND_DOCTOR_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// gatewatch doctor: what this host permits, which capture follows from it, and
// what to change to see more.
void AddDoctorCommand(CLI::App& app, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_DOCTOR_H_
