#ifndef GATEWATCH_CLI_SIMULATE_CHILD_PROCESS_H_
#define GATEWATCH_CLI_SIMULATE_CHILD_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace gatewatch::cli {

// A child process. Whatever happens, it is ended and reaped before this is
// destroyed.
//
// Threads: the program must have one thread when a child is made.
class ChildProcess {
 public:
  // `body` runs in the child, which ends with the status it returns.
  explicit ChildProcess(const std::function<int()>& body);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  // 0 when there could be no child.
  pid_t pid() const { return pid_; }

  // OK when it ends with status 0 within ten seconds.
  absl::Status Wait();

 private:
  pid_t pid_ = 0;  // 0: none, or reaped
};

// Executes `path` with `arguments` (argv[0] included) and waits. Its output
// and errors are thrown away.
absl::Status RunProgram(const std::string& path,
                        const std::vector<std::string>& arguments);

// Replaces this process by `path`; returns the status to end with when that
// fails.
int Execute(const std::string& path, const std::vector<std::string>& arguments);

// Copies a small program that does nothing to `path`. Run it with argv[0]
// "true": where it is one of many in one binary, that name selects it.
absl::Status CopyHarmlessProgram(const std::string& path);

// The path of that program.
absl::string_view HarmlessProgram();

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_SIMULATE_CHILD_PROCESS_H_
