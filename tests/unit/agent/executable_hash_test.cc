#include "agent/executable_hash.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

namespace fs = std::filesystem;

constexpr char kAbc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

// A proc tree in which process 7, child of 6, executes a file of the root that
// both have.
class Fixture {
 public:
  Fixture()
      : folder_(fs::temp_directory_path() /
                absl::StrCat("gatewatch-hash-", getpid())) {
    fs::create_directories(folder_ / "root/bin");
    for (const char* pid : {"6", "7"}) {
      fs::create_directories(folder_ / "proc" / pid);
      fs::create_directory_symlink(folder_ / "root",
                                   folder_ / "proc" / pid / "root");
    }
    Write("abc");
    fs::create_symlink(Program(), folder_ / "proc/7/exe");
  }
  ~Fixture() { fs::remove_all(folder_); }

  fs::path Program() const { return folder_ / "root/bin/program"; }

  void Write(const std::string& content) const {
    std::ofstream(Program()) << content;
  }

  void EndProcess() const { fs::remove_all(folder_ / "proc/7"); }

  probes::ProcessSnapshot Process() const {
    struct stat file = {};
    REQUIRE(::stat(Program().c_str(), &file) == 0);
    probes::ProcessSnapshot process;
    process.id = {7, 70};
    process.parent = {6, 60};
    process.executable.path = "/bin/program";
    process.executable.inode = file.st_ino;
    process.executable.device = file.st_dev;
    process.executable.modify_time_ns = Nanos(file.st_mtim);
    process.executable.change_time_ns = Nanos(file.st_ctim);
    return process;
  }

  ExecutableHash::Options Options() const {
    return {.proc_root = (folder_ / "proc").string()};
  }

 private:
  static uint64_t Nanos(const timespec& time) {
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 +
           static_cast<uint64_t>(time.tv_nsec);
  }

  const fs::path folder_;
};

constexpr uint64_t kNow = 5'000'000'000;

}  // namespace

TEST_CASE("an executed file has its hash", "[agent][hash]") {
  const Fixture fixture;
  ExecutableHash hashes(fixture.Options());
  CHECK(hashes.Known(fixture.Process().executable).empty());
  CHECK(hashes.Of(fixture.Process(), kNow) == kAbc);
  CHECK(hashes.Known(fixture.Process().executable) == kAbc);
}

TEST_CASE("a file is read once", "[agent][hash]") {
  const Fixture fixture;
  ExecutableHash hashes(fixture.Options());
  const probes::ProcessSnapshot process = fixture.Process();
  REQUIRE(hashes.Of(process, kNow) == kAbc);
  fs::remove(fixture.Program());
  CHECK(hashes.Of(process, kNow) == kAbc);
}

TEST_CASE("the file of a process that has ended is found through its parent",
          "[agent][hash]") {
  const Fixture fixture;
  ExecutableHash hashes(fixture.Options());
  const probes::ProcessSnapshot process = fixture.Process();
  fixture.EndProcess();
  CHECK(hashes.Of(process, kNow) == kAbc);
}

TEST_CASE("a file that is not the one that was executed has no hash",
          "[agent][hash]") {
  const Fixture fixture;
  ExecutableHash hashes(fixture.Options());
  probes::ProcessSnapshot process = fixture.Process();
  SECTION("another inode") { ++process.executable.inode; }
  SECTION("changed since") { --process.executable.modify_time_ns; }
  SECTION("renamed over since") { --process.executable.change_time_ns; }
  SECTION("never looked at") { process.executable.inode = 0; }
  CHECK(hashes.Of(process, kNow).empty());
}

TEST_CASE("a link leads to no file outside of the container's root",
          "[agent][hash]") {
  const Fixture fixture;
  ExecutableHash hashes(fixture.Options());
  fixture.EndProcess();
  probes::ProcessSnapshot process = fixture.Process();
  process.executable.path = "/bin/link";
  fs::create_symlink("/proc/self/exe",
                     fixture.Program().parent_path() / "link");
  CHECK(hashes.Of(process, kNow).empty());
}

TEST_CASE("what is read a second is bounded", "[agent][hash]") {
  const Fixture fixture;
  ExecutableHash::Options options = fixture.Options();
  options.bytes_a_second = 2000;
  options.bytes_at_once = 2;  // and the file has three
  ExecutableHash hashes(options);
  CHECK(hashes.Of(fixture.Process(), kNow).empty());
  // What there is at once is all there ever is for a file.
  CHECK(hashes.Of(fixture.Process(), kNow + 9'000'000'000).empty());
  options.bytes_at_once = 4;
  ExecutableHash more(options);
  REQUIRE(more.Of(fixture.Process(), kNow) == kAbc);
  fixture.Write("abcd");
  CHECK(more.Of(fixture.Process(), kNow).empty());
  CHECK_FALSE(more.Of(fixture.Process(), kNow + 3'000'000).empty());
}

TEST_CASE("a file of more than 64 MiB has no hash", "[agent][hash]") {
  const Fixture fixture;
  ExecutableHash hashes(fixture.Options());
  fs::resize_file(fixture.Program(), (64 << 20) + 1);  // sparse
  CHECK(hashes.Of(fixture.Process(), kNow).empty());
}

}  // namespace gatewatch::agent
