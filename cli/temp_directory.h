#ifndef GATEWATCH_CLI_TEMP_DIRECTORY_H_
#define GATEWATCH_CLI_TEMP_DIRECTORY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gatewatch::cli {

// A new folder below $TMPDIR or /tmp that only this user may enter. It is
// removed with all that is in it when this is destroyed.
class TempDirectory {
 public:
  static absl::StatusOr<TempDirectory> Create(absl::string_view prefix);
  TempDirectory(TempDirectory&& other) noexcept;
  TempDirectory& operator=(TempDirectory&&) = delete;
  ~TempDirectory();

  const std::string& path() const { return path_; }

 private:
  explicit TempDirectory(std::string path);
  std::string path_;  // empty: moved from
};

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_TEMP_DIRECTORY_H_
