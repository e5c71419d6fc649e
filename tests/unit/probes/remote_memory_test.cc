#include "probes/syscalls/remote_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "tests/unit/probes/fake_memory.h"

namespace gatewatch::probes {
namespace {

using testing::FakeMemory;

constexpr uint64_t kPage = FakeMemory::kPage;
constexpr uint64_t kBase = 0x7f0000000000;
constexpr size_t kNoLimit = 1 << 20;

RemoteAddress At(uint64_t address) {
  return static_cast<RemoteAddress>(address);
}

RemoteAddress At(const void* address) {
  return At(reinterpret_cast<uint64_t>(address));
}

}  // namespace

TEST_CASE("a string is read up to its NUL", "[memory]") {
  FakeMemory memory;
  memory.WriteString(kBase, "/etc/passwd");
  const auto text = memory.ReadString(At(kBase), kNoLimit);
  REQUIRE(text.ok());
  CHECK(text->text == "/etc/passwd");
  CHECK_FALSE(text->truncated);
}

TEST_CASE("an empty string is empty", "[memory]") {
  FakeMemory memory;
  memory.WriteString(kBase, "");
  const auto text = memory.ReadString(At(kBase), kNoLimit);
  REQUIRE(text.ok());
  CHECK(text->text.empty());
  CHECK_FALSE(text->truncated);
}

TEST_CASE("a string is read across pages", "[memory]") {
  const auto offset = GENERATE(kPage - 1, kPage - 5, kPage - 255, kPage - 256,
                               kPage - 257, uint64_t{0});
  const std::string long_text(3 * kPage + 17, 'a');
  FakeMemory memory;
  memory.WriteString(kBase + offset, long_text);
  const auto text = memory.ReadString(At(kBase + offset), kNoLimit);
  REQUIRE(text.ok());
  CHECK(text->text == long_text);
  CHECK_FALSE(text->truncated);
}

TEST_CASE("a NUL in the last byte of the last mapped page ends a string",
          "[memory]") {
  FakeMemory memory;
  memory.WriteString(kBase + kPage - 4, "abc");
  const auto text = memory.ReadString(At(kBase + kPage - 4), kNoLimit);
  REQUIRE(text.ok());
  CHECK(text->text == "abc");
}

TEST_CASE("a string that runs into an unmapped page is a bad pointer",
          "[memory]") {
  FakeMemory memory;
  memory.Write(kBase + kPage - 3, "abc");
  const auto text = memory.ReadString(At(kBase + kPage - 3), kNoLimit);
  CHECK(text.status().code() == absl::StatusCode::kInternal);
}

TEST_CASE("a string at an unmapped address is a bad pointer", "[memory]") {
  const FakeMemory memory;
  const uint64_t address = GENERATE(uint64_t{0}, kBase, UINT64_MAX);
  CHECK(memory.ReadString(At(address), kNoLimit).status().code() ==
        absl::StatusCode::kInternal);
}

TEST_CASE("a string is cut at the limit and says so", "[memory]") {
  FakeMemory memory;
  memory.WriteString(kBase, std::string(2 * kPage, 'x'));
  for (const size_t limit : {size_t{1}, size_t{255}, size_t{256}, size_t{257},
                             size_t{kPage}, size_t{2 * kPage}}) {
    const auto text = memory.ReadString(At(kBase), limit);
    REQUIRE(text.ok());
    CHECK(text->text == std::string(limit, 'x'));
    CHECK(text->truncated);
  }
  const auto whole = memory.ReadString(At(kBase), 2 * kPage + 1);
  REQUIRE(whole.ok());
  CHECK_FALSE(whole->truncated);
}

TEST_CASE("what lies after the limit need not be mapped", "[memory]") {
  FakeMemory memory;
  memory.Write(kBase + kPage - 8, "12345678");
  const auto text = memory.ReadString(At(kBase + kPage - 8), 8);
  REQUIRE(text.ok());
  CHECK(text->text == "12345678");
  CHECK(text->truncated);
}

TEST_CASE("an array of strings is read up to its null pointer", "[memory]") {
  FakeMemory memory;
  memory.WriteString(kBase + 0x100, "sh");
  memory.WriteString(kBase + 0x200, "");
  memory.WriteString(kBase + 0x300, "-c");
  memory.WritePointers(kBase, {kBase + 0x100, kBase + 0x200, kBase + 0x300, 0});
  const auto array = memory.ReadStrings(At(kBase), 100, kNoLimit);
  REQUIRE(array.ok());
  CHECK(array->strings == std::vector<std::string>{"sh", "", "-c"});
  CHECK_FALSE(array->truncated);
}

TEST_CASE("an array at address 0 is empty", "[memory]") {
  const auto array = FakeMemory().ReadStrings(At(uint64_t{0}), 100, kNoLimit);
  REQUIRE(array.ok());
  CHECK(array->strings.empty());
  CHECK_FALSE(array->truncated);
}

TEST_CASE("a long array is read across pages, aligned or not", "[memory]") {
  const uint64_t offset =
      GENERATE(uint64_t{0}, kPage - 8, kPage - 4, kPage - 1, uint64_t{3});
  constexpr size_t kCount = 1500;  // their pointers fill more than two pages
  const uint64_t text = kBase + 16 * kPage;
  FakeMemory memory;
  std::vector<uint64_t> pointers;
  std::vector<std::string> expected;
  for (size_t i = 0; i < kCount; ++i) {
    expected.push_back(absl::StrCat("argument ", i));
    pointers.push_back(memory.WriteString(text + i * 32, expected.back()));
  }
  pointers.push_back(0);
  memory.WritePointers(kBase + offset, pointers);
  const auto array = memory.ReadStrings(At(kBase + offset), 4096, kNoLimit);
  REQUIRE(array.ok());
  CHECK((array->strings == expected));  // too much to print
  CHECK_FALSE(array->truncated);
}

TEST_CASE("an array that ends with its page is read", "[memory]") {
  FakeMemory memory;
  const uint64_t text = memory.WriteString(kBase + 4 * kPage, "a");
  memory.WritePointers(kBase + kPage - 16, {text, 0});
  const auto array = memory.ReadStrings(At(kBase + kPage - 16), 100, kNoLimit);
  REQUIRE(array.ok());
  CHECK(array->strings == std::vector<std::string>{"a"});
}

TEST_CASE("an array that runs into an unmapped page is a bad pointer",
          "[memory]") {
  FakeMemory memory;
  const uint64_t text = memory.WriteString(kBase + 4 * kPage, "a");
  const uint64_t before_end = GENERATE(uint64_t{8}, uint64_t{12}, uint64_t{4});
  const uint64_t array = kBase + kPage - before_end;
  std::string pointer(reinterpret_cast<const char*>(&text), sizeof(text));
  memory.Write(array, (pointer + pointer).substr(0, before_end));
  CHECK(memory.ReadStrings(At(array), 100, kNoLimit).status().code() ==
        absl::StatusCode::kInternal);
}

TEST_CASE("an array with a bad pointer in it is bad", "[memory]") {
  FakeMemory memory;
  const uint64_t text = memory.WriteString(kBase + 4 * kPage, "a");
  memory.WritePointers(kBase, {text, 1, 0});
  CHECK(memory.ReadStrings(At(kBase), 100, kNoLimit).status().code() ==
        absl::StatusCode::kInternal);
}

TEST_CASE("an array is cut at its count and says so", "[memory]") {
  FakeMemory memory;
  const uint64_t text = memory.WriteString(kBase + 4 * kPage, "a");
  memory.WritePointers(kBase, {text, text, text, 0});
  const auto cut = memory.ReadStrings(At(kBase), 2, kNoLimit);
  REQUIRE(cut.ok());
  CHECK(cut->strings.size() == 2);
  CHECK(cut->truncated);
  const auto whole = memory.ReadStrings(At(kBase), 3, kNoLimit);
  REQUIRE(whole.ok());
  CHECK(whole->strings.size() == 3);
  CHECK_FALSE(whole->truncated);
}

TEST_CASE("an array is cut at its bytes and says so", "[memory]") {
  FakeMemory memory;
  const uint64_t text = memory.WriteString(kBase + 4 * kPage, "0123456789");
  memory.WritePointers(kBase, {text, text, 0});
  const auto cut = memory.ReadStrings(At(kBase), 100, 15);
  REQUIRE(cut.ok());
  CHECK(cut->strings == std::vector<std::string>{"0123456789", "0123"});
  CHECK(cut->truncated);
}

TEST_CASE("an endless array of one string ends at the limits", "[memory]") {
  FakeMemory memory;
  const uint64_t text = memory.WriteString(kBase + 64 * kPage, "");
  memory.WritePointers(kBase, std::vector<uint64_t>(8192, text));
  const auto array = memory.ReadStrings(At(kBase), 4096, kNoLimit);
  REQUIRE(array.ok());
  CHECK(array->strings.size() == 4096);
  CHECK(array->truncated);
}

TEST_CASE("the memory of this process is read", "[memory]") {
  const ProcessMemory memory(::getpid());
  const std::string text = "what the process passed";
  const auto read = memory.ReadString(At(text.c_str()), kNoLimit);
  REQUIRE(read.ok());
  CHECK(read->text == text);
  const std::array<const char*, 3> argv = {"ls", "-l", nullptr};
  const auto array = memory.ReadStrings(At(argv.data()), 10, kNoLimit);
  REQUIRE(array.ok());
  CHECK(array->strings == std::vector<std::string>{"ls", "-l"});
}

TEST_CASE("a read of a process ends where its mapping does", "[memory]") {
  auto* pages =
      static_cast<char*>(::mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  REQUIRE(pages != MAP_FAILED);
  REQUIRE(::munmap(pages + kPage, kPage) == 0);
  const ProcessMemory memory(::getpid());
  std::array<char, 64> into;
  const auto got =
      memory.Read(At(pages + kPage - 10), into.data(), into.size());
  REQUIRE(got.ok());
  CHECK(*got == 10);
  CHECK(memory.Read(At(pages + kPage), into.data(), into.size())
            .status()
            .code() == absl::StatusCode::kInternal);
  ::munmap(pages, kPage);
}

TEST_CASE("a process that is gone is not found", "[memory]") {
  // Above every pid that a kernel hands out (PID_MAX_LIMIT).
  const ProcessMemory memory(1 << 30);
  std::array<char, 8> into;
  CHECK(
      memory.Read(At(into.data()), into.data(), into.size()).status().code() ==
      absl::StatusCode::kNotFound);
}

}  // namespace gatewatch::probes
