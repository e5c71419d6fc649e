#ifndef GATEWATCH_TESTS_CONTRACT_RUNNING_H_
#define GATEWATCH_TESTS_CONTRACT_RUNNING_H_

#include <sys/types.h>

#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/unique_fd.h"

namespace gatewatch::testing {

// How long anything may take before the test fails: far longer than it takes
// on a busy machine.
inline constexpr absl::Duration kPatience = absl::Seconds(180);

// The path of a program of tests/programs, or of a binary of ours.
std::string Program(const std::string& name);

enum class Output { kDiscard, kKeep };

// The standard descriptors of a process: input from /dev/null, output and
// error kept or discarded.
class Stdio {
 public:
  explicit Stdio(Output output);

  std::array<int, 3> fds() const {
    return {null_.get(), Writable().get(), Writable().get()};
  }
  // Where what is kept can be read; to its end when the process has ended and
  // this object too.
  UniqueFd TakeOutput() { return std::move(read_end_); }

 private:
  const UniqueFd& Writable() const {
    return write_end_.valid() ? write_end_ : null_;
  }

  UniqueFd null_, read_end_, write_end_;
};

// A process of the test. Standard input is /dev/null.
struct Running {
  pid_t pid = 0;
  UniqueFd output;  // what it writes, with Output::kKeep
};
Running Spawn(std::vector<std::string> command, Output output);

// Everything up to the end of the output.
std::string ReadToEnd(const UniqueFd& output);

// Waits for the end of a process of the test: its exit status, or 128 + the
// signal that killed it.
int AwaitExit(pid_t pid);

// Waits until `holds`; `otherwise` is what the test fails with.
void AwaitThat(const std::function<bool()>& holds, const char* otherwise);

// A command that waits, in a process that is no child of the test, until it is
// released: what is to be attached to. `Running` is its parent, which ends as
// the command does.
class HeldCommand {
 public:
  // `starter`, if any, executes what follows its own arguments: it, not the
  // command, may then change the user.
  HeldCommand(const std::vector<std::string>& command, Output output,
              std::vector<std::string> starter = {});

  pid_t pid() const { return pid_; }  // the command's
  Running& parent() { return parent_; }
  void Release() { release_.Reset(); }

 private:
  pid_t pid_ = 0;
  Running parent_;
  UniqueFd release_;
};

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_CONTRACT_RUNNING_H_
