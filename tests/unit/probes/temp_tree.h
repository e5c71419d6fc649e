#ifndef GATEWATCH_TESTS_UNIT_PROBES_TEMP_TREE_H_
#define GATEWATCH_TESTS_UNIT_PROBES_TEMP_TREE_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace gatewatch::testing {

// A directory of its own for one test, removed with all that is in it. Names
// are relative to it; the folders that lead to a name are made.
class TempTree {
 public:
  TempTree();
  ~TempTree();
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;

  const std::string& path() const { return path_; }
  std::string Path(absl::string_view name) const;

  void Directory(absl::string_view name) const;
  void File(absl::string_view name, absl::string_view content = "") const;
  void Link(absl::string_view name, absl::string_view target) const;
  void Remove(absl::string_view name) const;

  // What a /proc mounted here would say of a process.
  void Process(pid_t pid, pid_t parent, uint64_t start_ticks,
               absl::string_view name = "app") const;
  // Of one that ended and waits to be reaped.
  void Zombie(pid_t pid, pid_t parent, uint64_t start_ticks) const;

 private:
  void Stat(pid_t pid, absl::string_view name, char state, pid_t parent,
            uint64_t start_ticks) const;

  std::string path_;
};

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_UNIT_PROBES_TEMP_TREE_H_
