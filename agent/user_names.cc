#include "agent/user_names.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/files.h"
#include "base/locate.h"
#include "base/unique_fd.h"

namespace gatewatch::agent {
namespace {

constexpr size_t kMaxFile = 64 << 10;
constexpr size_t kMaxUsers = 1000;
constexpr size_t kMaxName = 64;
constexpr size_t kMaxNamespaces = 256;
// Users are added while a container runs.
constexpr uint64_t kKeepNs = 30'000'000'000;

bool IsName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxName &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_isgraph(c); });
}

}  // namespace

NamesById ParsePasswd(absl::string_view content) {
  NamesById names;
  for (const absl::string_view line : absl::StrSplit(content, '\n')) {
    if (names.size() >= kMaxUsers) break;
    const std::vector<absl::string_view> fields =
        absl::StrSplit(line, absl::MaxSplits(':', 3));
    uint32_t uid = 0;
    if (fields.size() != 4 || !IsName(fields[0]) ||
        !absl::SimpleAtoi(fields[2], &uid)) {
      continue;
    }
    names.emplace(uid, std::string(fields[0]));
  }
  return names;
}

UserNames::UserNames(std::string proc_root)
    : proc_root_(std::move(proc_root)) {}

std::string UserNames::Find(pid_t pid, uint64_t mount_namespace, uint32_t uid,
                            uint64_t now_ns) {
  if (mount_namespace == 0) return "";
  auto found = by_namespace_.find(mount_namespace);
  if (found == by_namespace_.end()) {
    if (by_namespace_.size() >= kMaxNamespaces) {
      by_namespace_.erase(order_.front());
      order_.pop_front();
    }
    found = by_namespace_.emplace(mount_namespace, Entry{}).first;
    found->second.place = order_.insert(order_.end(), mount_namespace);
  }
  Entry& entry = found->second;
  if (entry.read_ns == 0 || now_ns - entry.read_ns > kKeepNs) {
    if (auto names = Read(pid, mount_namespace)) {
      entry.names = *std::move(names);
      entry.read_ns = std::max<uint64_t>(now_ns, 1);
    }
    order_.splice(order_.end(), order_, entry.place);
  }
  const auto name = entry.names.find(uid);
  return name == entry.names.end() ? "" : name->second;
}

std::optional<NamesById> UserNames::Read(pid_t pid,
                                         uint64_t mount_namespace) const {
  const std::string process = absl::StrCat(proc_root_, "/", pid);
  const UniqueFd root(::open(absl::StrCat(process, "/root").c_str(),
                             O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return std::nullopt;
  // After the root was opened: had the pid changed hands, these would be
  // another container's names.
  struct stat found = {};
  if (::stat(absl::StrCat(process, "/ns/mnt").c_str(), &found) != 0 ||
      found.st_ino != mount_namespace) {
    return std::nullopt;
  }
  const UniqueFd file =
      LocateInRoot(root.get(), "etc/passwd", 0, RESOLVE_NO_XDEV);
  if (!file.valid() || ::fstat(file.get(), &found) != 0 ||
      !S_ISREG(found.st_mode)) {
    return NamesById();
  }
  const auto content =
      ReadFile(absl::StrCat("/proc/self/fd/", file.get()), kMaxFile);
  return content.ok() ? ParsePasswd(*content) : NamesById();
}

}  // namespace gatewatch::agent
