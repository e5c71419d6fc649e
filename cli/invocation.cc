#include "cli/invocation.h"

#include <map>

#include "CLI/CLI.hpp"
#include "absl/strings/str_split.h"
#include "base/escape.h"
#include "cli/exit_code.h"
#include "proto/json.h"

namespace gatewatch::cli {

void AddOutputOption(CLI::App& command, Invocation& invocation) {
  const std::map<std::string, bool> formats = {{"text", false}, {"json", true}};
  command
      .add_option("-o,--output", invocation.json,
                  "text for people, or json: one object a line")
      ->transform(CLI::CheckedTransformer(formats).description(""))
      ->type_name("text|json");
}

void WriteJsonLine(const google::protobuf::Message& message,
                   std::ostream& out) {
  out << ToJson(message) << '\n' << std::flush;
}

int Fail(const Invocation& invocation, const absl::Status& status) {
  // A message may quote a rule file or a peer, a line for each error.
  const std::string message(status.message());
  invocation.err << "gatewatch: ";
  for (const absl::string_view line : absl::StrSplit(message, '\n')) {
    invocation.err << EscapeForTerminal(line) << '\n';
  }
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      invocation.err << "The analyzer at "
                     << EscapeForTerminal(invocation.analyzer)
                     << " does not answer. Start it with gatewatch-analyzer, "
                        "or name another one\nwith --analyzer ADDRESS or "
                        "GATEWATCH_ANALYZER.\n";
      return kExitUnreachable;
    case absl::StatusCode::kNotFound:
      return kExitNoMatch;
    default:
      return kExitUsage;
  }
}

}  // namespace gatewatch::cli
