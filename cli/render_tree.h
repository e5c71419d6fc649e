#ifndef GATEWATCH_CLI_RENDER_TREE_H_
#define GATEWATCH_CLI_RENDER_TREE_H_

#include <ostream>

#include "absl/strings/string_view.h"
#include "gatewatch/v1/query.pb.h"

namespace gatewatch::cli {

// The tree as ASCII, a process a line with what it did, the process that was
// asked for marked with "*". Whatever the analyzer answered, each node is
// written once.
void WriteProcessTree(const v1::GetProcessTreeResponse& tree,
                      absl::string_view asked_key, std::ostream& out);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_RENDER_TREE_H_
