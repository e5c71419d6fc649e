#include "agent/executable_hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/locate.h"

namespace gatewatch::agent {
namespace {

constexpr uint64_t kMaxFileBytes = 64 << 20;
constexpr size_t kMaxKnown = 4096;
constexpr size_t kBlockBytes = 128 << 10;
constexpr uint64_t kSecondNs = 1'000'000'000;

uint64_t Nanos(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * kSecondNs +
         static_cast<uint64_t>(time.tv_nsec);
}

// Whether `fd` is the file that was executed, unchanged. Not its device: what
// a file system gives a probe in the kernel and stat(2) can differ.
bool Is(int fd, const probes::Executable& file) {
  struct stat found = {};
  return ::fstat(fd, &found) == 0 && S_ISREG(found.st_mode) &&
         found.st_ino == file.inode &&
         Nanos(found.st_mtim) == file.modify_time_ns &&
         Nanos(found.st_ctim) == file.change_time_ns;
}

UniqueFd OpenPath(const std::string& path, int flags) {
  return UniqueFd(::open(path.c_str(), O_PATH | O_CLOEXEC | flags));
}

uint64_t SizeOf(int fd) {
  struct stat found = {};
  return ::fstat(fd, &found) == 0 ? static_cast<uint64_t>(found.st_size) : 0;
}

// Of what `path_fd` refers to, at most `max_bytes`; empty when it cannot be
// read or has grown beyond.
std::string Sha256(int path_fd, uint64_t max_bytes) {
  const UniqueFd file(::open(absl::StrCat("/proc/self/fd/", path_fd).c_str(),
                             O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!file.valid() || context == nullptr ||
      EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) {
    return "";
  }
  std::string block(kBlockBytes, '\0');
  uint64_t total = 0;
  ssize_t got;
  while ((got = ::read(file.get(), block.data(), block.size())) != 0) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return "";
    total += static_cast<uint64_t>(got);
    if (total > max_bytes) return "";
    EVP_DigestUpdate(context.get(), block.data(), static_cast<size_t>(got));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1) return "";
  return absl::BytesToHexString(
      {reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

ExecutableHash::ExecutableHash(Options options)
    : options_(std::move(options)), allowance_(options_.bytes_at_once) {}

ExecutableHash::Key ExecutableHash::KeyOf(const probes::Executable& file) {
  return {file.device, file.inode, file.modify_time_ns, file.change_time_ns};
}

std::string ExecutableHash::Known(const probes::Executable& file) {
  const auto found = known_.find(KeyOf(file));
  if (found == known_.end()) return "";
  order_.splice(order_.end(), order_, found->second.place);
  return found->second.hash;
}

std::string ExecutableHash::Of(const probes::ProcessSnapshot& process,
                               uint64_t now_ns) {
  const probes::Executable& file = process.executable;
  if (file.inode == 0) return "";
  if (std::string known = Known(file); !known.empty()) return known;
  const UniqueFd fd = Find(process);
  if (!fd.valid()) return "";
  const uint64_t size = SizeOf(fd.get());
  if (size > kMaxFileBytes || !Take(size, now_ns)) return "";
  std::string hash = Sha256(fd.get(), size);
  // What was written to meanwhile is not what was executed.
  if (hash.empty() || !Is(fd.get(), file)) return "";
  Remember(KeyOf(file), hash);
  return hash;
}

UniqueFd ExecutableHash::Find(const probes::ProcessSnapshot& process) const {
  const probes::Executable& file = process.executable;
  const std::string own =
      absl::StrCat(options_.proc_root, "/", process.id.pid, "/");
  if (UniqueFd fd = OpenPath(own + "exe", 0);
      fd.valid() && Is(fd.get(), file)) {
    return fd;
  }
  for (const pid_t pid : {process.id.pid, process.parent.pid}) {
    if (pid == 0) continue;
    const UniqueFd root = OpenPath(
        absl::StrCat(options_.proc_root, "/", pid, "/root"), O_DIRECTORY);
    if (!root.valid()) continue;
    UniqueFd fd = LocateInRoot(root.get(), file.path);
    if (fd.valid() && Is(fd.get(), file)) return fd;
  }
  return UniqueFd();
}

bool ExecutableHash::Take(uint64_t bytes, uint64_t now_ns) {
  if (allowance_ns_ == 0) allowance_ns_ = now_ns;
  // No more than fills the allowance, which keeps the product small.
  const uint64_t waited =
      std::min<uint64_t>(now_ns - allowance_ns_, 60 * kSecondNs);
  const uint64_t more = waited / 1'000'000 * (options_.bytes_a_second / 1000);
  if (more > 0) {
    allowance_ = std::min(options_.bytes_at_once, allowance_ + more);
    allowance_ns_ = now_ns;
  }
  if (bytes > allowance_) return false;
  allowance_ -= bytes;
  return true;
}

void ExecutableHash::Remember(const Key& key, const std::string& hash) {
  if (known_.size() >= kMaxKnown) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  order_.push_back(key);
  known_[key] = {hash, std::prev(order_.end())};
}

}  // namespace gatewatch::agent
