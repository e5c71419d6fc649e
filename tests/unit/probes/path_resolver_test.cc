#include "probes/procfs/path_resolver.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "tests/unit/probes/temp_tree.h"

namespace gatewatch::probes {
namespace {

using testing::TempTree;

UniqueFd OpenDirectory(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(fd.valid());
  return fd;
}

// Moves the test there for as long as it lives.
class WorkingDirectory {
 public:
  explicit WorkingDirectory(const std::string& path)
      : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(path);
  }
  ~WorkingDirectory() { std::filesystem::current_path(before_); }

 private:
  const std::filesystem::path before_;
};

std::string Own(int dir_fd, std::string path) {
  const auto absolute = AbsolutePath(ProcReader(), ::getpid(), ::gettid(),
                                     dir_fd, std::move(path));
  REQUIRE(absolute.ok());
  return *absolute;
}

File Named(std::string path) {
  File file;
  file.path = std::move(path);
  return file;
}

uint64_t InodeOf(const std::string& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_ino;
}

}  // namespace

TEST_CASE("a path is cleaned by its text alone", "[path]") {
  struct Case {
    const char* path;
    const char* clean;
  };
  const auto expected = GENERATE(values<Case>({
      {"/", "/"},
      {"//", "/"},
      {"/.", "/"},
      {"/..", "/"},
      {"/../..", "/"},
      {"/../etc/passwd", "/etc/passwd"},
      {"/etc/passwd", "/etc/passwd"},
      {"/etc/passwd/", "/etc/passwd"},
      {"/etc//passwd", "/etc/passwd"},
      {"//etc/./passwd/.", "/etc/passwd"},
      {"/etc/../etc/passwd", "/etc/passwd"},
      {"/a/b/../../c", "/c"},
      {"/a/b/../../../c", "/c"},
      {"/.hidden/..x/x..", "/.hidden/..x/x.."},
      {"/.../a", "/.../a"},
      {"/a/ /b", "/a/ /b"},
  }));
  CAPTURE(expected.path);
  CHECK(CleanPath(expected.path) == expected.clean);
  CHECK(CleanPath(expected.clean) == expected.clean);
}

TEST_CASE("proc's names for oneself are written as pids", "[path]") {
  struct Case {
    const char* path;
    const char* replaced;
  };
  const auto expected = GENERATE(values<Case>({
      {"/proc/self", "/proc/7"},
      {"/proc/self/environ", "/proc/7/environ"},
      {"/proc/thread-self", "/proc/7/task/9"},
      {"/proc/thread-self/fd/1", "/proc/7/task/9/fd/1"},
      {"/proc/selfish", "/proc/selfish"},
      {"/proc/thread-selfish", "/proc/thread-selfish"},
      {"/proc/8/environ", "/proc/8/environ"},
      {"/proc", "/proc"},
      {"/x/proc/self", "/x/proc/self"},
  }));
  CHECK(ReplaceProcSelf(expected.path, 7, 9) == expected.replaced);
}

TEST_CASE("an absolute path needs no process", "[path]") {
  const auto path =
      AbsolutePath(ProcReader("/nonexistent"), 7, 9, AT_FDCWD, "/proc/./self");
  REQUIRE(path.ok());
  CHECK(*path == "/proc/7");
}

TEST_CASE("a relative path starts from the working directory", "[path]") {
  const TempTree tree;
  tree.Directory("a/b");
  const WorkingDirectory inside(tree.Path("a/b"));
  CHECK(Own(AT_FDCWD, "x") == tree.Path("a/b/x"));
  CHECK(Own(AT_FDCWD, "../x/./y") == tree.Path("a/x/y"));
  CHECK(Own(AT_FDCWD, "") == tree.Path("a/b"));
}

TEST_CASE("a relative path starts from its descriptor", "[path]") {
  const TempTree tree;
  tree.Directory("a/b");
  const UniqueFd directory = OpenDirectory(tree.Path("a"));
  CHECK(Own(directory.get(), "b/x") == tree.Path("a/b/x"));
  CHECK(Own(directory.get(), "") == tree.path() + "/a");
  CHECK(Own(directory.get(), "/etc/passwd") == "/etc/passwd");
}

TEST_CASE("a relative way to oneself in proc is found as well", "[path]") {
  const WorkingDirectory root("/");
  CHECK(Own(AT_FDCWD, "proc/self/environ") ==
        absl::StrCat("/proc/", ::getpid(), "/environ"));
}

TEST_CASE("a descriptor or process that is gone is not found", "[path]") {
  constexpr int kClosed = 1 << 20;
  const pid_t self = ::getpid();
  CHECK(AbsolutePath(ProcReader(), self, self, kClosed, "x").status().code() ==
        absl::StatusCode::kNotFound);
  constexpr pid_t kNobody = 1 << 30;
  CHECK(AbsolutePath(ProcReader(), kNobody, kNobody, AT_FDCWD, "x")
            .status()
            .code() == absl::StatusCode::kNotFound);
  CHECK(ProcReader().OpenRoot(kNobody).status().code() ==
        absl::StatusCode::kNotFound);
}

TEST_CASE("a process in a chroot is given the paths it knows", "[path]") {
  const TempTree proc;
  proc.Link("42/root", "/srv/app");
  proc.Link("42/cwd", "/srv/app/data");
  proc.Link("42/fd/3", "/srv/app");
  // Opened before the chroot; not below the root, only named like it.
  proc.Link("42/fd/4", "/srv/application");
  const auto path = [&](int dir_fd) {
    return AbsolutePath(ProcReader(proc.path()), 42, 42, dir_fd, "x").value();
  };
  CHECK(path(AT_FDCWD) == "/data/x");
  CHECK(path(3) == "/x");
  CHECK(path(4) == "/srv/application/x");
}

TEST_CASE("a regular file is looked at", "[path]") {
  const TempTree root;
  root.File("etc/passwd", "root");
  const UniqueFd fd = OpenDirectory(root.path());
  File file = Named("/etc/passwd");
  REQUIRE(LookAt(fd.get(), true, file) == Existence::kExists);
  CHECK(file.kind == FileKind::kRegular);
  CHECK(file.inode == InodeOf(root.Path("etc/passwd")));
  CHECK(file.device != 0);
  CHECK(file.resolved_path.empty());
}

TEST_CASE("what is missing is missing", "[path]") {
  const TempTree root;
  root.File("file");
  root.Link("dangling", "nowhere");
  const UniqueFd fd = OpenDirectory(root.path());
  const auto* path =
      GENERATE("/nothing", "/no/folder/at/all", "/file/below", "/dangling");
  File file = Named(path);
  CHECK(LookAt(fd.get(), true, file) == Existence::kMissing);
  CHECK(file.kind == FileKind::kUnknown);
}

TEST_CASE("a directory is a directory, the root too", "[path]") {
  const TempTree root;
  root.Directory("var/log");
  const UniqueFd fd = OpenDirectory(root.path());
  for (const auto* path : {"/var/log", "/"}) {
    File file = Named(path);
    REQUIRE(LookAt(fd.get(), true, file) == Existence::kExists);
    CHECK(file.kind == FileKind::kDirectory);
    CHECK(file.resolved_path.empty());
  }
}

TEST_CASE("a link is followed to where it leads", "[path]") {
  const TempTree root;
  root.File("data/real");
  root.Link("links/relative", "../data/real");
  root.Link("links/absolute", "/data/real");
  root.Link("folder", "data");
  const UniqueFd fd = OpenDirectory(root.path());
  const auto* path =
      GENERATE("/links/relative", "/links/absolute", "/folder/real");
  File file = Named(path);
  REQUIRE(LookAt(fd.get(), true, file) == Existence::kExists);
  CHECK(file.kind == FileKind::kRegular);
  CHECK(file.inode == InodeOf(root.Path("data/real")));
  CHECK(file.resolved_path == "/data/real");
  CHECK(file.path == path);
}

TEST_CASE("a link that is not followed is the link", "[path]") {
  const TempTree root;
  root.File("real");
  root.Link("link", "real");
  root.Link("dangling", "nowhere");
  const UniqueFd fd = OpenDirectory(root.path());
  for (const auto* name : {"link", "dangling"}) {
    File file = Named(absl::StrCat("/", name));
    REQUIRE(LookAt(fd.get(), false, file) == Existence::kExists);
    CHECK(file.kind == FileKind::kSymlink);
    CHECK(file.inode == InodeOf(root.Path(name)));
    CHECK(file.resolved_path.empty());
  }
}

TEST_CASE("folders on the way are followed even when the file is not",
          "[path]") {
  const TempTree root;
  root.Link("real/link", "elsewhere");
  root.Link("folder", "real");
  const UniqueFd fd = OpenDirectory(root.path());
  File file = Named("/folder/link");
  REQUIRE(LookAt(fd.get(), false, file) == Existence::kExists);
  CHECK(file.kind == FileKind::kSymlink);
  CHECK(file.resolved_path == "/real/link");
}

TEST_CASE("no link leads out of the root", "[path]") {
  const TempTree tree;
  tree.File("secret", "outside");
  tree.File("root/secret", "inside");
  tree.Link("root/up", "../../../../../secret");
  tree.Link("root/absolute", tree.Path("secret"));
  tree.Link("root/inside", "/secret");
  const UniqueFd fd = OpenDirectory(tree.Path("root"));

  File up = Named("/up");
  REQUIRE(LookAt(fd.get(), true, up) == Existence::kExists);
  CHECK(up.inode == InodeOf(tree.Path("root/secret")));
  CHECK(up.resolved_path == "/secret");

  File inside = Named("/inside");
  REQUIRE(LookAt(fd.get(), true, inside) == Existence::kExists);
  CHECK(inside.inode == InodeOf(tree.Path("root/secret")));

  File absolute = Named("/absolute");
  CHECK(LookAt(fd.get(), true, absolute) == Existence::kMissing);

  File dots = Named("/../secret");
  REQUIRE(LookAt(fd.get(), true, dots) == Existence::kExists);
  CHECK(dots.inode == InodeOf(tree.Path("root/secret")));
}

TEST_CASE("links in a circle are not known to lead anywhere", "[path]") {
  const TempTree root;
  root.Link("a", "b");
  root.Link("b", "a");
  const UniqueFd fd = OpenDirectory(root.path());
  File file = Named("/a");
  CHECK(LookAt(fd.get(), true, file) == Existence::kUnknown);
}

TEST_CASE("a magic link is not followed", "[path]") {
  const UniqueFd root = OpenDirectory("/");
  File file = Named("/proc/self/exe");
  CHECK(LookAt(root.get(), true, file) == Existence::kUnknown);
  CHECK(LookAt(root.get(), false, file) == Existence::kExists);
  CHECK(file.kind == FileKind::kSymlink);
}

TEST_CASE("looking at a pipe or a device does not open it", "[path]") {
  const TempTree root;
  REQUIRE(::mkfifo(root.Path("fifo").c_str(), 0600) == 0);
  const UniqueFd fd = OpenDirectory(root.path());
  File fifo = Named("/fifo");
  REQUIRE(LookAt(fd.get(), true, fifo) == Existence::kExists);
  CHECK(fifo.kind == FileKind::kFifo);

  const UniqueFd system = OpenDirectory("/");
  File null = Named("/dev/null");
  REQUIRE(LookAt(system.get(), true, null) == Existence::kExists);
  CHECK(null.kind == FileKind::kCharacterDevice);
}

TEST_CASE("the root of this process is opened", "[path]") {
  const auto root = ProcReader().OpenRoot(::getpid());
  REQUIRE(root.ok());
  File file = Named("/proc");
  CHECK(LookAt(root->get(), true, file) == Existence::kExists);
}

}  // namespace gatewatch::probes
