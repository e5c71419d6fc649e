#ifndef GATEWATCH_CLI_COMMAND_INJECT_H_
#define GATEWATCH_CLI_COMMAND_INJECT_H_

namespace CLI {
class App;
}  // namespace CLI

namespace gatewatch::cli {

struct Invocation;

// gatewatch inject PATH…
void AddInjectCommand(CLI::App& app, Invocation& invocation);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_COMMAND_INJECT_H_
