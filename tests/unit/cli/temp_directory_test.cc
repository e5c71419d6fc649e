#include "cli/temp_directory.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "catch2/catch.hpp"

namespace gatewatch::cli {

TEST_CASE("a temporary folder goes with what is in it", "[cli]") {
  std::string path;
  {
    auto directory = TempDirectory::Create("gatewatch-test-");
    REQUIRE(directory.ok());
    path = directory->path();
    std::ofstream(path + "/file") << "x";
    const TempDirectory moved = *std::move(directory);
    CHECK(std::filesystem::exists(moved.path() + "/file"));
    CHECK(std::filesystem::status(path).permissions() ==
          std::filesystem::perms::owner_all);
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

}  // namespace gatewatch::cli
