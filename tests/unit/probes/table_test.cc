#include "probes/syscalls/table.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>

#include "catch2/catch.hpp"
#include "tests/unit/probes/syscall_numbers.h"

namespace gatewatch::probes {
namespace {

// Newer than Debian 12's kernel headers.
constexpr absl::string_view kNotInHeaders[] = {"fchmodat2", "open_tree_attr",
                                               "removexattrat", "setxattrat"};

std::optional<int> NumberIn(const testing::NamedNumber* header,
                            absl::string_view name) {
  for (; header->name != nullptr; ++header) {
    if (header->name == name) return header->number;
  }
  return std::nullopt;
}

void CheckColumn(Architecture architecture,
                 const testing::NamedNumber* header) {
  for (const SyscallRow& row : SyscallTable()) {
    CAPTURE(row.name);
    const std::optional<int> number = NumberIn(header, row.name);
    if (number) {
      CHECK(row.number(architecture) == *number);
    } else if (row.number(architecture) >= 0) {
      CHECK(std::find(std::begin(kNotInHeaders), std::end(kNotInHeaders),
                      row.name) != std::end(kNotInHeaders));
    }
  }
}

}  // namespace

TEST_CASE("no two rows have one number", "[table]") {
  const auto architecture =
      GENERATE(Architecture::kX86_64, Architecture::kAarch64);
  std::set<int> numbers;
  for (const SyscallRow& row : SyscallTable()) {
    const int number = row.number(architecture);
    CAPTURE(row.name);
    if (number >= 0) CHECK(numbers.insert(number).second);
  }
  CHECK(numbers.size() > 20);
}

TEST_CASE("no two rows have one name", "[table]") {
  std::set<absl::string_view> names;
  for (const SyscallRow& row : SyscallTable()) {
    CAPTURE(row.name);
    CHECK(names.insert(row.name).second);
  }
}

TEST_CASE("the native numbers are those of the kernel's headers", "[table]") {
  CheckColumn(NativeArchitecture(), testing::kNativeSyscalls);
}

TEST_CASE("the arm64 numbers are those of the generic header", "[table]") {
  CheckColumn(Architecture::kAarch64, testing::kGenericSyscalls);
}

TEST_CASE("a row is found by its number, and nothing else is", "[table]") {
  for (const SyscallRow& row : SyscallTable()) {
    const int number = row.number(NativeArchitecture());
    if (number >= 0) CHECK(FindSyscall(number) == &row);
  }
  CHECK(FindSyscall(-1) == nullptr);
  CHECK(FindSyscall(INT32_MIN) == nullptr);
  CHECK(FindSyscall(INT32_MAX) == nullptr);
  CHECK(FindSyscall(0) == nullptr);  // read, or io_setup
}

TEST_CASE("an address is followed by its length", "[table]") {
  for (const SyscallRow& row : SyscallTable()) {
    for (size_t i = 0; i < row.roles.size(); ++i) {
      if (row.roles[i] != Role::kSockaddr) continue;
      CAPTURE(row.name);
      REQUIRE(i + 1 < row.roles.size());
      CHECK(row.roles[i + 1] == Role::kLength);
    }
  }
}

TEST_CASE("groups and capabilities are told by the argument before them",
          "[table]") {
  for (const SyscallRow& row : SyscallTable()) {
    CAPTURE(row.name);
    CHECK(row.roles[0] != Role::kGroups);
    CHECK(row.roles[0] != Role::kCapabilities);
  }
}

TEST_CASE("an argument test looks at an argument that exists", "[table]") {
  for (const SyscallRow& row : SyscallTable()) {
    CAPTURE(row.name);
    CHECK(row.test.argument < row.roles.size());
    CHECK(row.and_test.argument < row.roles.size());
    CHECK(row.or_test.argument < row.roles.size());
  }
}

}  // namespace gatewatch::probes
