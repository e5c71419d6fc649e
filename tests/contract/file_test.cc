#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "tests/contract/watch.h"

namespace gatewatch::testing {

using namespace probes;  // NOLINT: the details' names are what this is about

namespace {

// A folder of its own for a case.
class Folder {
 public:
  Folder() {
    std::string name = "/tmp/gatewatch-test-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

const FileOpened* OpenOf(const Observed& seen, absl::string_view path,
                         absl::string_view syscall) {
  for (const Observation* observation : seen.Of<FileOpened>()) {
    const auto& opened = std::get<FileOpened>(observation->detail);
    if (opened.file.path == path && observation->syscall == syscall) {
      return &opened;
    }
  }
  return nullptr;
}

const FileChanged* ChangeOf(const Observed& seen, FileOperation operation,
                            absl::string_view path) {
  for (const Observation* observation : seen.Of<FileChanged>()) {
    const auto& changed = std::get<FileChanged>(observation->detail);
    const std::string& named = operation == FileOperation::kSymlink
                                   ? changed.target.path
                                   : changed.file.path;
    if (changed.operation == operation && named == path) return &changed;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("each call on a file is seen with its absolute path", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Folder folder;
  const std::string& at = folder.path();
  const Observed seen = Watch(rung, {Program("io_calls"), at});
  REQUIRE(seen.status == 0);

  const FileOpened* made = OpenOf(seen, at + "/directory/made", "openat");
  REQUIRE(made != nullptr);
  CHECK(made->creates);
  CHECK((made->flags & (O_CREAT | O_RDWR)) == (O_CREAT | O_RDWR));
  CHECK(made->mode == 0640);
  CHECK(made->file.raw_path == "made");

  const FileOpened* again = OpenOf(seen, at + "/directory/made", "openat2");
  REQUIRE(again != nullptr);
  CHECK_FALSE(again->creates);
  CHECK(again->file.kind == FileKind::kRegular);
  CHECK(again->file.raw_path == "directory/../directory/./made");

  const FileOpened* soft = OpenOf(seen, at + "/soft", "openat");
  if (soft == nullptr) soft = OpenOf(seen, at + "/soft", "open");
  REQUIRE(soft != nullptr);
  CHECK(soft->file.resolved_path == at + "/created");

  const FileChanged* executable =
      ChangeOf(seen, FileOperation::kChmod, at + "/directory/made");
  REQUIRE(executable != nullptr);
  CHECK(executable->mode == 0755);
  CHECK(ChangeOf(seen, FileOperation::kChmod, at + "/created") != nullptr);
  CHECK(ChangeOf(seen, FileOperation::kChown, at + "/created") != nullptr);
  const FileChanged* hard =
      ChangeOf(seen, FileOperation::kLink, at + "/created");
  REQUIRE(hard != nullptr);
  CHECK(hard->target.path == at + "/hard");
  const FileChanged* symlink =
      ChangeOf(seen, FileOperation::kSymlink, at + "/soft");
  REQUIRE(symlink != nullptr);
  CHECK(symlink->file.raw_path == "created");
  const FileChanged* renamed =
      ChangeOf(seen, FileOperation::kRename, at + "/hard");
  REQUIRE(renamed != nullptr);
  CHECK(renamed->target.path == at + "/renamed");
  CHECK(ChangeOf(seen, FileOperation::kUnlink, at + "/renamed") != nullptr);
  CHECK(ChangeOf(seen, FileOperation::kMkdir, at + "/directory") != nullptr);
  CHECK(ChangeOf(seen, FileOperation::kRmdir, at + "/directory") != nullptr);
}

TEST_CASE("opening what does not exist is no event", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Folder folder;
  const Observed seen = Watch(rung, {Program("io_calls"), folder.path()});
  for (const Observation* observation : seen.Of<FileOpened>()) {
    const auto& path = std::get<FileOpened>(observation->detail).file.path;
    CHECK_FALSE(absl::EndsWith(path, "/missing"));
  }
}

TEST_CASE("what became of a call is known or said to be unknown",
          "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed seen = Watch(
      rung, {"/bin/sh", "-c", "set +e; : </etc/hostname; (: >/tmp) || true"});
  const auto status_if_known = [&](OutcomeStatus status) {
    return rung.knows_outcomes ? status : OutcomeStatus::kUnknown;
  };
  size_t found = 0;
  for (const Observation* one : seen.Of<FileOpened>()) {
    const auto& path = std::get<FileOpened>(one->detail).file.path;
    if (path == "/etc/hostname") {
      CHECK(one->outcome.status == status_if_known(OutcomeStatus::kSucceeded));
    } else if (path == "/tmp") {
      CHECK(one->outcome.status == status_if_known(OutcomeStatus::kFailed));
      CHECK(one->outcome.error == (rung.knows_outcomes ? EISDIR : 0));
    } else {
      continue;
    }
    ++found;
  }
  CHECK(found == 2);
}

TEST_CASE("/proc/self names the process that opens it", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed seen = Watch(rung, {"/bin/cat", "/proc/self/environ"});
  const std::string path = absl::StrCat(
      "/proc/", seen.Of<ProcessExeced>().at(0)->process.pid, "/environ");
  CHECK(OpenOf(seen, path, "openat") != nullptr);
}

TEST_CASE("a path of any bytes is seen as it is", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Folder folder;
  const std::string path = folder.path() + "/\xff\x1b[31m\n\xc3";
  const Observed seen = Watch(rung, {"/usr/bin/touch", path});
  CHECK(OpenOf(seen, path, "openat") != nullptr);
}

TEST_CASE("an open is not folded into one before an exec", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  // The same process opens the same file before and after it becomes cat.
  const Observed seen = Watch(
      rung, {"/bin/sh", "-c", ": </etc/hostname; exec /bin/cat /etc/hostname"});
  size_t observations = 0;
  for (const Observation* observation : seen.Of<FileOpened>()) {
    const auto& path = std::get<FileOpened>(observation->detail).file.path;
    observations += path == "/etc/hostname" && observation->count == 1;
  }
  CHECK(observations == 2);
}

TEST_CASE("repeats of an open are counted, not repeated", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  const Observed seen = Watch(
      rung, {"/bin/bash", "-c", "for i in {1..300}; do : </dev/zero; done"});
  uint64_t calls = 0;
  size_t observations = 0;
  for (const Observation* observation : seen.Of<FileOpened>()) {
    if (std::get<FileOpened>(observation->detail).file.path != "/dev/zero") {
      continue;
    }
    calls += observation->count;
    ++observations;
  }
  CHECK(calls == 300);
  CHECK(observations < 20);
}

}  // namespace gatewatch::testing
