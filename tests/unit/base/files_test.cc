#include "base/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "catch2/catch.hpp"

namespace gatewatch {

TEST_CASE("a file of unknown size is read whole, up to the limit", "[base]") {
  const auto status = ReadFile("/proc/self/status");
  REQUIRE(status.ok());
  CHECK(status->find("Pid:") != std::string::npos);
  const auto cut = ReadFile("/proc/self/status", 4);
  REQUIRE(cut.ok());
  CHECK(*cut == "Name");
}

TEST_CASE("a missing file is not found, and named", "[base]") {
  const auto missing = ReadFile("/nonexistent/file");
  CHECK(missing.status().code() == absl::StatusCode::kNotFound);
  CHECK(missing.status().message().find("/nonexistent/file") !=
        absl::string_view::npos);
}

TEST_CASE("a file is replaced as a whole, with its mode", "[base]") {
  std::string folder = "/tmp/gatewatch-files-XXXXXX";
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  const std::string path = folder + "/file";
  REQUIRE(ReplaceFile(path, "first, and longer", 0644).ok());
  const auto reader = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(ReplaceFile(path, "second", 0600).ok());
  CHECK(*ReadFile(path) == "second");
  char seen[64];
  CHECK(::read(reader.get(), seen, sizeof(seen)) == 17);
  struct stat status = {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  // Nothing else was left behind, or rmdir() would fail.
  CHECK(::unlink(path.c_str()) == 0);
  CHECK(::rmdir(folder.c_str()) == 0);
}

TEST_CASE("a file in no folder cannot be replaced", "[base]") {
  CHECK(absl::IsNotFound(ReplaceFile("/nonexistent/file", "x", 0600)));
}

TEST_CASE("a link's target is read as it is", "[base]") {
  const auto target = ReadLink("/proc/self/ns/pid");
  REQUIRE(target.ok());
  CHECK(target->rfind("pid:[", 0) == 0);
}

}  // namespace gatewatch
