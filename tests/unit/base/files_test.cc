#include "base/files.h"

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

TEST_CASE("a link's target is read as it is", "[base]") {
  const auto target = ReadLink("/proc/self/ns/pid");
  REQUIRE(target.ok());
  CHECK(target->rfind("pid:[", 0) == 0);
}

}  // namespace gatewatch
