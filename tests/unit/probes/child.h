#ifndef GATEWATCH_TESTS_UNIT_PROBES_CHILD_H_
#define GATEWATCH_TESTS_UNIT_PROBES_CHILD_H_

#include <sys/types.h>

#include <vector>

#include "base/unique_fd.h"

namespace gatewatch::testing {

// A child process of the test that does nothing but wait, with as many
// children of its own that wait as well. All of them end with the object.
class Child {
 public:
  explicit Child(int children = 0);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  const std::vector<pid_t>& children() const { return children_; }

  // Kills it and waits until it is gone.
  void Kill();

 private:
  pid_t pid_ = 0;
  std::vector<pid_t> children_;
  UniqueFd alive_;  // closed: whoever waits ends
};

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_UNIT_PROBES_CHILD_H_
