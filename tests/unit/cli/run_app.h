#ifndef GATEWATCH_TESTS_UNIT_CLI_RUN_APP_H_
#define GATEWATCH_TESTS_UNIT_CLI_RUN_APP_H_

#include <string>
#include <vector>

#include "cli/temp_directory.h"

namespace gatewatch::cli {

struct Result {
  int status;
  std::string out;
  std::string err;
};

// Runs the command line in this process.
Result Run(std::vector<const char*> arguments);

// A file "rules.yaml" with this text, for as long as it lives.
class TextFile {
 public:
  explicit TextFile(const std::string& text);
  const char* path() const { return path_.c_str(); }

 private:
  const TempDirectory directory_;
  const std::string path_;
};

}  // namespace gatewatch::cli

#endif  // GATEWATCH_TESTS_UNIT_CLI_RUN_APP_H_
