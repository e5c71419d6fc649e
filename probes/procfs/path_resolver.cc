#include "probes/procfs/path_resolver.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/files.h"
#include "base/locate.h"
#include "base/status.h"
#include "base/unique_fd.h"

namespace gatewatch::probes {
namespace {

bool IsClean(absl::string_view path) {
  return !absl::StrContains(path, "//") && !absl::StrContains(path, "/.") &&
         (path.size() == 1 || !absl::EndsWith(path, "/"));
}

FileKind KindOf(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return FileKind::kRegular;
    case S_IFDIR:
      return FileKind::kDirectory;
    case S_IFLNK:
      return FileKind::kSymlink;
    case S_IFCHR:
      return FileKind::kCharacterDevice;
    case S_IFBLK:
      return FileKind::kBlockDevice;
    case S_IFIFO:
      return FileKind::kFifo;
    case S_IFSOCK:
      return FileKind::kSocket;
    default:
      return FileKind::kUnknown;
  }
}

// Where `fd` leads, without the prefix under which this process sees the
// root.
std::string ResolvedPath(int root_fd, int fd) {
  const auto root = ReadLink(absl::StrCat("/proc/self/fd/", root_fd));
  auto path = ReadLink(absl::StrCat("/proc/self/fd/", fd));
  if (!root.ok() || !path.ok()) return "";
  if (*root == "/") return *std::move(path);
  const absl::string_view below = absl::StripPrefix(*path, *root);
  return below.empty() ? "/" : std::string(below);
}

// The directory that a relative path starts from.
absl::StatusOr<std::string> BaseDirectory(const ProcReader& proc, pid_t tid,
                                          int dir_fd) {
  std::string base;
  if (dir_fd == AT_FDCWD) {
    GATEWATCH_ASSIGN_OR_RETURN(base, proc.Link(tid, "cwd"));
  } else {
    GATEWATCH_ASSIGN_OR_RETURN(
        base, proc.Link(tid, absl::StrCat("fd/", dir_fd).c_str()));
  }
  // Links in /proc are seen from the root of this process; a process in a
  // chroot below it knows them without that prefix.
  const auto root = proc.Link(tid, "root");
  if (!root.ok() || *root == "/") return base;
  absl::string_view below = base;
  if (!absl::ConsumePrefix(&below, *root)) return base;
  if (below.empty()) return "/";
  // "/srv/application" is not below "/srv/app".
  return below[0] == '/' ? std::string(below) : base;
}

}  // namespace

std::string CleanPath(std::string path) {
  if (IsClean(path)) return path;
  std::vector<absl::string_view> parts;
  for (const absl::string_view part :
       absl::StrSplit(absl::string_view(path), '/', absl::SkipEmpty())) {
    if (part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  return absl::StrCat("/", absl::StrJoin(parts, "/"));
}

std::string ReplaceProcSelf(std::string path, pid_t pid, pid_t tid) {
  if (!absl::StartsWith(path, "/proc/")) return path;
  struct Alias {
    absl::string_view alias;
    std::string meaning;
  };
  const Alias aliases[] = {
      {"/proc/self", absl::StrCat("/proc/", pid)},
      {"/proc/thread-self", absl::StrCat("/proc/", pid, "/task/", tid)}};
  for (const Alias& alias : aliases) {
    absl::string_view rest = path;
    if (absl::ConsumePrefix(&rest, alias.alias) &&
        (rest.empty() || rest[0] == '/')) {
      return absl::StrCat(alias.meaning, rest);
    }
  }
  return path;
}

absl::StatusOr<std::string> AbsolutePath(const ProcReader& proc, pid_t pid,
                                         pid_t tid, int dir_fd,
                                         std::string path) {
  if (absl::StartsWith(path, "/")) {
    return ReplaceProcSelf(CleanPath(std::move(path)), pid, tid);
  }
  GATEWATCH_ASSIGN_OR_RETURN(std::string base,
                             BaseDirectory(proc, tid, dir_fd));
  if (path.empty()) return base;
  return ReplaceProcSelf(CleanPath(absl::StrCat(base, "/", path)), pid, tid);
}

Existence LookAt(int root_fd, bool follow, File& file) {
  const uint64_t flags = follow ? 0 : O_NOFOLLOW;
  // Most paths hold no link: then where they lead needs no second look.
  bool through_link = false;
  UniqueFd fd = LocateInRoot(root_fd, file.path, flags, RESOLVE_NO_SYMLINKS);
  if (!fd.valid() && errno == ELOOP) {
    through_link = true;
    fd = LocateInRoot(root_fd, file.path, flags);
  }
  if (!fd.valid()) {
    return errno == ENOENT || errno == ENOTDIR ? Existence::kMissing
                                               : Existence::kUnknown;
  }
  struct stat status;
  if (::fstat(fd.get(), &status) != 0) return Existence::kUnknown;
  file.kind = KindOf(status.st_mode);
  file.inode = status.st_ino;
  file.device = status.st_dev;
  if (through_link) {
    file.resolved_path = ResolvedPath(root_fd, fd.get());
    if (file.resolved_path == file.path) file.resolved_path.clear();
  }
  return Existence::kExists;
}

}  // namespace gatewatch::probes
