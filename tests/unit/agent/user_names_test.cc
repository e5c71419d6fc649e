#include "agent/user_names.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

constexpr pid_t kPid = 7;

// A /proc with one process, whose root and mount namespace are files of ours.
class FixtureProc {
 public:
  FixtureProc() {
    char folder[] = "/tmp/gatewatch-users-XXXXXX";
    REQUIRE(::mkdtemp(folder) != nullptr);
    path_ = folder;
    std::filesystem::create_directories(path_ + "/7/root/etc");
    std::filesystem::create_directories(path_ + "/7/ns");
    std::ofstream(path_ + "/7/ns/mnt") << "";
  }
  ~FixtureProc() { std::filesystem::remove_all(path_); }

  void WritePasswd(const std::string& content) {
    std::filesystem::remove(Passwd());
    std::ofstream(Passwd()) << content;
  }
  std::string Passwd() const { return path_ + "/7/root/etc/passwd"; }
  const std::string& path() const { return path_; }
  uint64_t mount_namespace() const {
    struct stat found = {};
    ::stat((path_ + "/7/ns/mnt").c_str(), &found);
    return found.st_ino;
  }

 private:
  std::string path_;
};

constexpr uint64_t kSecond = 1'000'000'000;

}  // namespace

TEST_CASE("the names in a passwd are read, its odd lines passed over",
          "[agent]") {
  const NamesById names = ParsePasswd(
      "root:x:0:0::/root:/bin/sh\nweb:x:33:33::/:\nagain:x:0:0::/:\n"
      "\n:x:5:5::/:\nnouid:x::1:/:\nnum:x:-1:1:/:\nshort:x:9\n"
      "bell\a:x:10:1:/:\nbig:x:4294967296:1:/:\n" +
      std::string(65, 'n') + ":x:11:1:/:\n");
  CHECK(names == NamesById{{0, "root"}, {33, "web"}});
}

TEST_CASE("the number of users taken from a passwd is bounded", "[agent]") {
  std::string content;
  for (int i = 0; i < 5000; ++i)
    absl::StrAppend(&content, "u", i, ":x:", i, ":0::\n");
  CHECK(ParsePasswd(content).size() == 1000);
}

TEST_CASE("a user's name comes from its container, read again after a while",
          "[agent]") {
  FixtureProc proc;
  UserNames users(proc.path());
  const uint64_t space = proc.mount_namespace();
  proc.WritePasswd("web:x:33:33::/:\n");
  CHECK(users.Find(kPid, space, 33, kSecond) == "web");
  CHECK(users.Find(kPid, space, 34, kSecond).empty());
  proc.WritePasswd("www:x:33:33::/:\n");
  CHECK(users.Find(kPid, space, 33, 2 * kSecond) == "web");
  CHECK(users.Find(kPid, space, 33, 60 * kSecond) == "www");
}

TEST_CASE("a pid that is now in another container gives no names", "[agent]") {
  FixtureProc proc;
  proc.WritePasswd("web:x:33:33::/:\n");
  UserNames users(proc.path());
  CHECK(users.Find(kPid, proc.mount_namespace() + 1, 33, kSecond).empty());
  CHECK(users.Find(kPid, 0, 33, kSecond).empty());
  CHECK(users.Find(8, proc.mount_namespace(), 33, kSecond).empty());
}

TEST_CASE("names are kept when who would be asked again has ended", "[agent]") {
  FixtureProc proc;
  proc.WritePasswd("web:x:33:33::/:\n");
  UserNames users(proc.path());
  const uint64_t space = proc.mount_namespace();
  constexpr pid_t kEnded = 8;
  CHECK(users.Find(kEnded, space, 33, kSecond).empty());
  CHECK(users.Find(kPid, space, 33, 2 * kSecond) == "web");
  CHECK(users.Find(kEnded, space, 33, 60 * kSecond) == "web");
  proc.WritePasswd("www:x:33:33::/:\n");
  CHECK(users.Find(kPid, space, 33, 61 * kSecond) == "www");
}

TEST_CASE("a passwd that is a pipe, a folder or a way out is not read",
          "[agent]") {
  FixtureProc proc;
  const std::string outside = proc.path() + "/outside";
  std::ofstream(outside) << "leak:x:33:33::/:\n";
  SECTION("pipe") { REQUIRE(::mkfifo(proc.Passwd().c_str(), 0600) == 0); }
  SECTION("folder") { std::filesystem::create_directory(proc.Passwd()); }
  SECTION("absolute link") {
    std::filesystem::create_symlink(outside, proc.Passwd());
  }
  SECTION("relative link") {
    std::filesystem::create_symlink("../../../outside", proc.Passwd());
  }
  UserNames users(proc.path());
  CHECK(users.Find(kPid, proc.mount_namespace(), 33, kSecond).empty());
}

}  // namespace gatewatch::agent
