#ifndef GATEWATCH_CLI_SIMULATE_SCRATCH_FILE_H_
#define GATEWATCH_CLI_SIMULATE_SCRATCH_FILE_H_

#include <string>
#include <vector>

namespace gatewatch::cli {

// A file at a path that a rule looks at. What is missing of it and its folders
// is made, empty, and removed again; what is there stays untouched.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& path);
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile();

  bool exists() const { return exists_; }

 private:
  bool exists_ = false;
  std::vector<std::string> made_;  // in this order
};

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_SIMULATE_SCRATCH_FILE_H_
