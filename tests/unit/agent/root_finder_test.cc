#include "agent/attach/root_finder.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kOwn = 100, kApp = 200;  // mount namespaces
constexpr pid_t kAgent = 7, kPause = 1, kApplication = 20, kChild = 21;

// A /proc that says what it is told.
class ProcTree {
 public:
  ProcTree() {
    std::string name = "/tmp/gatewatch-test-XXXXXX";
    root_ = mkdtemp(name.data());
    Born(kPause, 0, 10, 300, "/pause");
    Born(kAgent, 0, 20, kOwn, "/gatewatch-agent");
  }
  ~ProcTree() { std::filesystem::remove_all(root_); }

  void Born(pid_t pid, pid_t parent, uint64_t start, uint64_t mounts,
            const std::string& program) {
    const auto folder = root_ / std::to_string(pid);
    std::filesystem::create_directories(folder / "ns");
    const std::string name = program.substr(program.rfind('/') + 1);
    Write(folder / "stat",
          absl::StrCat(pid, " (", name, ") S ", parent,
                       " 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ", start, " 0\n"));
    Write(folder / "cgroup", absl::StrCat("0::/", name, "\n"));
    std::filesystem::create_symlink(program, folder / "exe");
    std::filesystem::create_symlink(absl::StrCat("mnt:[", mounts, "]"),
                                    folder / "ns" / "mnt");
    Write(root_ / "loadavg", absl::StrCat("0.1 0.1 0.1 1/99 ", pid, "\n"));
  }
  void Dies(pid_t pid) {
    std::filesystem::remove_all(root_ / std::to_string(pid));
  }

  RootFinder::Options Options() const {
    RootFinder::Options options;
    options.proc_root = root_;
    options.own_mount_namespace = kOwn;
    options.ignored = DefaultIgnoredPrograms();
    return options;
  }

 private:
  static void Write(const std::filesystem::path& path,
                    const std::string& text) {
    std::ofstream(path) << text;
  }

  std::filesystem::path root_;
};

using Pids = std::vector<pid_t>;

}  // namespace

TEST_CASE("another container's process is found, once", "[attach]") {
  ProcTree proc;
  proc.Born(kApplication, 0, 30, kApp, "/usr/bin/app");
  RootFinder finder(proc.Options());
  CHECK(finder.Find(kSecond) == Pids{kApplication});
  CHECK(finder.Find(3 * kSecond).empty());
}

TEST_CASE("what an attached process starts is covered by itself", "[attach]") {
  ProcTree proc;
  proc.Born(kApplication, 0, 30, kApp, "/usr/bin/app");
  RootFinder finder(proc.Options());
  REQUIRE(finder.Find(kSecond) == Pids{kApplication});
  finder.Settle(kApplication, absl::OkStatus(), kSecond);
  // Later than this machine has been up: after the attach.
  proc.Born(kChild, kApplication, uint64_t{1} << 60, kApp, "/bin/sh");
  CHECK(finder.Find(3 * kSecond).empty());
}

TEST_CASE("a child from before the attach is tried, and may be covered",
          "[attach]") {
  ProcTree proc;
  proc.Born(kApplication, 0, 30, kApp, "/usr/bin/app");
  RootFinder finder(proc.Options());
  REQUIRE(finder.Find(kSecond) == Pids{kApplication});
  finder.Settle(kApplication, absl::OkStatus(), kSecond);
  proc.Born(kChild, kApplication, 31, kApp, "/bin/sh");
  CHECK(finder.Find(2 * kSecond) == Pids{kChild});
  finder.Settle(kChild, absl::AlreadyExistsError("a filter"), 2 * kSecond);
  REQUIRE(finder.roots().size() == 1);
  CHECK(finder.roots()[0].pid == kApplication);
  CHECK(finder.roots()[0].attached);
}

TEST_CASE("a process that another observer has is refused by reason",
          "[attach]") {
  ProcTree proc;
  proc.Born(kApplication, 0, 30, kApp, "/usr/bin/app");
  RootFinder finder(proc.Options());
  REQUIRE(finder.Find(kSecond) == Pids{kApplication});
  const uint64_t before = finder.version();
  finder.Settle(kApplication, absl::AlreadyExistsError("a filter"), kSecond);
  CHECK(finder.version() != before);
  REQUIRE(finder.roots().size() == 1);
  CHECK_FALSE(finder.roots()[0].attached);
  CHECK(finder.roots()[0].reason == "a filter");
  CHECK(finder.roots()[0].cgroup == "0::/app\n");
}

TEST_CASE("what a refused process starts is refused as it is", "[attach]") {
  ProcTree proc;
  proc.Born(kApplication, 0, 30, kApp, "/usr/bin/app");
  RootFinder::Options options = proc.Options();
  options.own_mount_namespace = 0;
  options.pids = {kApplication};
  RootFinder finder(options);
  REQUIRE(finder.Find(kSecond) == Pids{kApplication});
  finder.Settle(kApplication, absl::FailedPreconditionError("no"), kSecond);
  proc.Born(kChild, kApplication, 40, kApp, "/bin/sh");
  CHECK(finder.Find(2 * kSecond).empty());
  CHECK(finder.Refused({kChild, 40}));
  CHECK_FALSE(finder.Refused({kChild, 41}));
  CHECK_FALSE(finder.Refused({kPause, 10}));
}

TEST_CASE("what may work later is tried again", "[attach]") {
  ProcTree proc;
  proc.Born(kApplication, 0, 30, kApp, "/usr/bin/app");
  RootFinder finder(proc.Options());
  REQUIRE(finder.Find(kSecond) == Pids{kApplication});
  finder.Settle(kApplication, absl::UnavailableError("stopped"), kSecond);
  CHECK(finder.Find(kSecond).empty());
  CHECK(finder.Find(2 * kSecond) == Pids{kApplication});
}

TEST_CASE("other sensors and our own keepers are left alone", "[attach]") {
  ProcTree proc;
  proc.Born(40, 0, 30, kApp, "/opt/falco");
  proc.Born(41, 1, 31, kApp, "/memfd:gatewat (deleted)");
  proc.Born(42, 0, 32, kApp, "/opt/mine");
  RootFinder::Options options = proc.Options();
  options.ignored.push_back("mine");
  RootFinder finder(options);
  CHECK(finder.Find(kSecond).empty());
}

TEST_CASE("a keeper that was taken for a process of the workload is no root",
          "[attach]") {
  ProcTree proc;
  proc.Born(kApplication, 0, 30, kApp, "/usr/bin/app");
  RootFinder finder(proc.Options());
  REQUIRE(finder.Find(kSecond) == Pids{kApplication});
  finder.Settle(kApplication, absl::CancelledError("a keeper"), kSecond);
  CHECK(finder.roots().empty());
  CHECK(finder.Find(3 * kSecond).empty());
}

TEST_CASE("what a container runtime still prepares is waited for", "[attach]") {
  ProcTree proc;
  proc.Born(kApplication, 0, 30, kApp, "/runc:[2:INIT]");
  RootFinder finder(proc.Options());
  CHECK(finder.Find(kSecond).empty());
  CHECK(finder.postponing());
  proc.Dies(kApplication);
  proc.Born(kApplication, 0, 30, kApp, "/usr/bin/app");
  CHECK(finder.Find(kSecond + 1) == Pids{kApplication});
  CHECK_FALSE(finder.postponing());
}

TEST_CASE("what calls itself a container runtime's is not waited for long",
          "[attach]") {
  ProcTree proc;
  proc.Born(kApplication, 0, 30, kApp, "/runc:[2:INIT]");
  RootFinder finder(proc.Options());
  CHECK(finder.Find(kSecond).empty());
  CHECK(finder.Find(12 * kSecond) == Pids{kApplication});
}

TEST_CASE("a keeper that has yet to execute its program is left alone",
          "[attach]") {
  ProcTree proc;
  proc.Born(kApplication, 0, 30, kApp, "/usr/bin/app");
  RootFinder finder(proc.Options());
  REQUIRE(finder.Find(kSecond) == Pids{kApplication});
  proc.Born(kChild, 1, 31, kApp, "/usr/bin/app");
  CHECK(finder.Find(2 * kSecond).empty());
  proc.Dies(kChild);
  proc.Born(kChild, 1, 31, kApp, "/memfd:gatewat (deleted)");
  finder.Settle(kApplication, absl::OkStatus(), 2 * kSecond);
  CHECK(finder.Find(3 * kSecond).empty());
  CHECK_FALSE(finder.postponing());
}

TEST_CASE("what is born while another is tried is tried afterwards",
          "[attach]") {
  ProcTree proc;
  proc.Born(kApplication, 0, 30, kApp, "/usr/bin/app");
  RootFinder finder(proc.Options());
  REQUIRE(finder.Find(kSecond) == Pids{kApplication});
  proc.Born(kChild, 1, 31, kApp, "/usr/bin/app");
  CHECK(finder.Find(2 * kSecond).empty());
  finder.Settle(kApplication, absl::OkStatus(), 2 * kSecond);
  CHECK(finder.Find(2 * kSecond + 1) == Pids{kChild});
}

TEST_CASE("a refused process is tried again when it executes another program",
          "[attach]") {
  ProcTree proc;
  proc.Born(kApplication, 0, 30, kApp, "/usr/bin/wrapper");
  RootFinder finder(proc.Options());
  REQUIRE(finder.Find(kSecond) == Pids{kApplication});
  finder.Settle(kApplication, absl::FailedPreconditionError("32-bit"), kSecond);
  CHECK(finder.Find(3 * kSecond).empty());
  proc.Dies(kApplication);
  proc.Born(kApplication, 0, 30, kApp, "/usr/bin/app");
  CHECK(finder.Find(5 * kSecond) == Pids{kApplication});
}

TEST_CASE("a pid that comes again is another process", "[attach]") {
  ProcTree proc;
  proc.Born(kApplication, 0, 30, kApp, "/usr/bin/app");
  RootFinder finder(proc.Options());
  REQUIRE(finder.Find(kSecond) == Pids{kApplication});
  finder.Settle(kApplication, absl::OkStatus(), kSecond);
  proc.Dies(kApplication);
  proc.Born(kApplication, 0, 99, kApp, "/usr/bin/other");
  CHECK(finder.Find(3 * kSecond) == Pids{kApplication});
  CHECK(finder.roots().empty());
}

TEST_CASE("without another container to attach to only named pids are meant",
          "[attach]") {
  ProcTree proc;
  proc.Born(kApplication, 0, 30, kApp, "/usr/bin/app");
  RootFinder::Options options = proc.Options();
  options.own_mount_namespace = 0;
  options.pids = {kAgent};
  RootFinder finder(options);
  CHECK(finder.Find(kSecond) == Pids{kAgent});
}

}  // namespace gatewatch::agent
