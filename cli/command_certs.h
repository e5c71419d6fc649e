#ifndef GATEWATCH_CLI_COMMAND_CERTS_H_
#define GATEWATCH_CLI_COMMAND_CERTS_H_

#include "cli/invocation.h"

namespace gatewatch::cli {

// `certs`: a CA and certificates to try the secure channel with.
void AddCertsCommand(CLI::App& app, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_CERTS_H_
