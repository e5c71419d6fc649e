#include "tests/unit/cli/run_app.h"

#include <fstream>
#include <sstream>

#include "cli/app.h"

namespace gatewatch::cli {

Result Run(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "gatewatch");
  std::ostringstream out;
  std::ostringstream err;
  const int status =
      RunApp(static_cast<int>(arguments.size()), arguments.data(), out, err);
  return {status, out.str(), err.str()};
}

TextFile::TextFile(const std::string& text)
    : directory_(*TempDirectory::Create("gatewatch-test-")),
      path_(directory_.path() + "/rules.yaml") {
  std::ofstream(path_) << text;
}

}  // namespace gatewatch::cli
