#include "probes/procfs/file_watcher.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include <optional>

#include "catch2/catch.hpp"
#include "tests/unit/probes/temp_tree.h"

namespace gatewatch::probes {
namespace {

using testing::TempTree;

constexpr ProcessId kPlace = {42, 4200};
constexpr SensitiveFile kListed[] = {
    {"/etc", "passwd"}, {"/etc/cron.d", ""}, {"/root/.ssh", "authorized_keys"}};

// A container whose root is a folder of the test.
class Fixture {
 public:
  Fixture() {
    root.File("etc/passwd", "root");
    root.Directory("etc/cron.d");
    root.Directory("root");
    proc_tree_.Link("42/root", root.path());
    watcher_.Watch({{77, kPlace}});
  }

  std::vector<Observation> Read() {
    watcher_.Read();
    const auto taken = queue_.Take(absl::ZeroDuration());
    for (const Observation& observation : taken) {
      CHECK(observation.process.pid == 0);  // who did it is not known
      CHECK(observation.place == kPlace);
    }
    return {taken.begin(), taken.end()};
  }

  void Rename(const char* from, const char* to) const {
    REQUIRE(::rename(root.Path(from).c_str(), root.Path(to).c_str()) == 0);
  }

  const TempTree root;

 private:
  const TempTree proc_tree_;
  const ProcReader proc_{proc_tree_.path()};
  ObservationQueue queue_{1000};
  Emitter emitter_{queue_};

 protected:
  FileWatcher watcher_{proc_, kListed, emitter_};

 public:
  FileWatcher& watcher() { return watcher_; }
};

const FileOpened& Opened(const Observation& observation) {
  return std::get<FileOpened>(observation.detail);
}

const FileChanged& Changed(const Observation& observation) {
  return std::get<FileChanged>(observation.detail);
}

}  // namespace

TEST_CASE("a write to a listed file is told once, as the container names it",
          "[watcher]") {
  Fixture fixture;
  fixture.root.File("etc/passwd", "root\nevil");
  fixture.root.File("etc/passwd", "root\nevil\nmore");
  const auto seen = fixture.Read();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].syscall == "openat");
  CHECK(Opened(seen[0]).file.path == "/etc/passwd");
  CHECK((Opened(seen[0]).flags & O_ACCMODE) == O_WRONLY);
  CHECK_FALSE(Opened(seen[0]).creates);
}

TEST_CASE("files beside the listed ones are not told of", "[watcher]") {
  Fixture fixture;
  fixture.root.File("etc/motd", "hello");
  fixture.root.File("root/notes", "x");
  fixture.root.Remove("etc/motd");
  CHECK(fixture.Read().empty());
}

TEST_CASE("a new file in a listed folder is told as created", "[watcher]") {
  Fixture fixture;
  fixture.root.File("etc/cron.d/job", "* * * * * root sh");
  const auto seen = fixture.Read();
  REQUIRE(seen.size() == 1);
  CHECK(Opened(seen[0]).file.path == "/etc/cron.d/job");
  CHECK(Opened(seen[0]).creates);
}

TEST_CASE("a listed file that is replaced is told with both names",
          "[watcher]") {
  Fixture fixture;
  fixture.root.File("etc/passwd.new", "evil");
  fixture.Rename("etc/passwd.new", "etc/passwd");
  const auto seen = fixture.Read();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].syscall == "rename");
  CHECK(Changed(seen[0]).operation == FileOperation::kRename);
  CHECK(Changed(seen[0]).file.path == "/etc/passwd.new");
  CHECK(Changed(seen[0]).target.path == "/etc/passwd");
}

TEST_CASE("half of a rename is told where the other lies elsewhere",
          "[watcher]") {
  Fixture fixture;
  fixture.root.Directory("tmp");
  fixture.Rename("etc/passwd", "tmp/passwd");
  auto seen = fixture.Read();
  REQUIRE(seen.size() == 1);
  CHECK(Changed(seen[0]).file.path == "/etc/passwd");
  CHECK(Changed(seen[0]).target.path.empty());
  fixture.Rename("tmp/passwd", "etc/passwd");
  seen = fixture.Read();
  REQUIRE(seen.size() == 1);
  CHECK(Changed(seen[0]).file.path.empty());
  CHECK(Changed(seen[0]).target.path == "/etc/passwd");
}

TEST_CASE("a listed file's removal is told", "[watcher]") {
  Fixture fixture;
  fixture.root.Remove("etc/passwd");
  const auto seen = fixture.Read();
  REQUIRE(seen.size() == 1);
  CHECK(Changed(seen[0]).operation == FileOperation::kUnlink);
}

TEST_CASE("a listed folder that comes to be is watched from then on",
          "[watcher]") {
  Fixture fixture;
  fixture.root.File("root/.ssh/authorized_keys", "key");  // before it is seen
  const auto seen = fixture.Read();
  REQUIRE(seen.size() == 1);
  CHECK(Opened(seen[0]).file.path == "/root/.ssh/authorized_keys");
  fixture.root.Remove("root/.ssh/authorized_keys");
  CHECK(fixture.Read().size() == 1);
}

TEST_CASE("a link in the container does not lead out of it", "[watcher]") {
  const TempTree outside;
  outside.File("passwd", "host");
  Fixture fixture;
  // A container whose /etc is a link to where the host has a folder.
  const TempTree evil;
  evil.Link("etc", outside.path());
  const TempTree proc_tree;
  proc_tree.Link("42/root", evil.path());
  const ProcReader proc(proc_tree.path());
  ObservationQueue queue(10);
  Emitter emitter(queue);
  FileWatcher watcher(proc, kListed, emitter);
  watcher.Watch({{1, kPlace}});
  outside.File("passwd", "changed");
  watcher.Read();
  CHECK(queue.Take(absl::ZeroDuration()).empty());
}

TEST_CASE("a mount namespace without processes is not watched", "[watcher]") {
  Fixture fixture;
  fixture.watcher().Watch({});
  fixture.root.File("etc/passwd", "unseen");
  CHECK(fixture.Read().empty());
}

}  // namespace gatewatch::probes
