#ifndef GATEWATCH_CLI_INVOCATION_H_
#define GATEWATCH_CLI_INVOCATION_H_

#include <functional>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "channel/settings.h"
#include "google/protobuf/message.h"

namespace CLI {
class App;
}  // namespace CLI

namespace gatewatch::cli {

// What all commands share during one run of the program: where to write, the
// global options, and which command was chosen.
//
// A command is a function Add…Command(CLI::App&, Invocation&) that adds one
// subcommand; when that is chosen, it leaves what to do in `action`.
struct Invocation {
  std::ostream& out;
  std::ostream& err;

  // gRPC address of the analyzer.
  std::string analyzer;
  // What protects the way there.
  channel::Settings channel;
  // One JSON object a line instead of text.
  bool json = false;
  // Returns an ExitCode, or the exit status of a command that was run.
  std::function<int()> action;
};

// Adds -o text|json to a command that has both.
void AddOutputOption(CLI::App& command, Invocation& invocation);

// One line of JSON on `out`, flushed so that a reader of a live stream sees
// it at once.
void WriteJsonLine(const google::protobuf::Message& message, std::ostream& out);

// Says on `invocation.err` what went wrong and, for an analyzer that does not
// answer, what to do about it. Returns the ExitCode that goes with `status`.
int Fail(const Invocation& invocation, const absl::Status& status);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_INVOCATION_H_
