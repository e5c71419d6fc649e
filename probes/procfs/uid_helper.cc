#include "probes/procfs/uid_helper.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/status.h"
#include "probes/procfs/parsers.h"

namespace gatewatch::probes {
namespace {

constexpr size_t kMaxHelpers = 8;
constexpr timeval kPatience = {0, 500'000};
constexpr uint64_t kRetryNs = 1'000'000'000;
constexpr size_t kStatusLimit = 1 << 20;  // see ProcReader

UniqueFd TakeFd(const msghdr& message) {
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return UniqueFd();
  int fd = -1;
  memcpy(&fd, CMSG_DATA(header), sizeof(fd));
  return UniqueFd(fd);
}

}  // namespace

UidHelpers::UidHelpers(std::string proc_root)
    : proc_root_(std::move(proc_root)),
      buffer_(HelperAnswer::kMaxBytes, '\0') {}

UidHelpers::~UidHelpers() {
  absl::MutexLock lock(&mutex_);
  for (auto& [ids, helper] : helpers_) End(helper);
}

size_t UidHelpers::size() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<size_t>(std::count_if(
      helpers_.begin(), helpers_.end(),
      [](const auto& entry) { return entry.second.socket.valid(); }));
}

absl::StatusOr<UidHelpers::Ids> UidHelpers::IdsOf(pid_t pid) const {
  GATEWATCH_ASSIGN_OR_RETURN(
      const std::string text,
      ReadFile(absl::StrCat(proc_root_, "/", pid, "/status"), kStatusLimit));
  const auto status = ParseStatus(text);
  if (!status) return absl::InternalError("/proc/PID/status is malformed");
  const Credentials& who = status->credentials;
  // ptrace(2) asks for all of a user's ids to be the reader's. A helper that
  // is root would gain nothing and hold every capability.
  if (who.uid == 0 || who.uid != who.effective_uid ||
      who.uid != who.saved_uid || who.gid != who.effective_gid ||
      who.gid != who.saved_gid) {
    return absl::PermissionDeniedError("not a process of a single user");
  }
  return Ids(who.uid, who.gid);
}

absl::Status UidHelpers::Start(const Ids& ids, Helper& helper) const {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return ErrnoStatus(errno, "socketpair");
  }
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  ::setsockopt(ours.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience,
               sizeof(kPatience));
  const pid_t self = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return ErrnoStatus(errno, "fork");
  if (child == 0) {
    RunUidHelper(theirs.get(), ids.first, ids.second, self, proc_root_.c_str());
  }
  helper.pid = child;
  helper.socket = std::move(ours);
  return absl::OkStatus();
}

void UidHelpers::End(Helper& helper) {
  helper.socket.Reset();  // that ends it, unless it is stopped
  if (helper.pid > 0 && ::kill(helper.pid, SIGKILL) == 0) {
    ::waitpid(helper.pid, nullptr, 0);
  }
  helper.pid = 0;
}

void UidHelpers::DropOldest() {
  const auto oldest = std::min_element(
      helpers_.begin(), helpers_.end(), [](const auto& a, const auto& b) {
        return a.second.last_used < b.second.last_used;
      });
  End(oldest->second);
  helpers_.erase(oldest);
}

absl::StatusOr<UidHelpers::Helper*> UidHelpers::Find(const Ids& ids) {
  if (!helpers_.contains(ids) && helpers_.size() == kMaxHelpers) DropOldest();
  Helper& helper = helpers_[ids];
  helper.last_used = ++clock_;
  if (helper.socket.valid()) return &helper;
  const uint64_t now = MonotonicNanos();
  if (now < helper.retry_ns) {
    return absl::PermissionDeniedError("the helper failed a moment ago");
  }
  helper.retry_ns = now + kRetryNs;
  GATEWATCH_RETURN_IF_ERROR(Start(ids, helper));
  return &helper;
}

absl::StatusOr<UidHelpers::Answer> UidHelpers::Exchange(
    const Helper& helper, const HelperRequest& request, std::string& buffer,
    bool& broken) {
  broken = true;
  if (::send(helper.socket.get(), &request, sizeof(request), MSG_NOSIGNAL) !=
      sizeof(request)) {
    return absl::PermissionDeniedError("the helper is gone");
  }
  HelperAnswer header;
  iovec parts[] = {{&header, sizeof(header)}, {buffer.data(), buffer.size()}};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  const ssize_t got =
      ::recvmsg(helper.socket.get(), &message, MSG_CMSG_CLOEXEC);
  Answer answer;
  if (got > 0) answer.fd = TakeFd(message);
  if (got < static_cast<ssize_t>(sizeof(header)) ||
      static_cast<size_t>(got) != sizeof(header) + header.size) {
    return absl::PermissionDeniedError("the helper does not answer");
  }
  broken = false;
  if (header.error != 0) return ErrnoStatus(header.error, "uid helper");
  answer.bytes = buffer.substr(0, header.size);
  return answer;
}

absl::StatusOr<UidHelpers::Answer> UidHelpers::Ask(
    const HelperRequest& request) {
  GATEWATCH_ASSIGN_OR_RETURN(const Ids ids, IdsOf(request.pid));
  absl::MutexLock lock(&mutex_);
  GATEWATCH_ASSIGN_OR_RETURN(Helper* const helper, Find(ids));
  bool broken = false;
  auto answer = Exchange(*helper, request, buffer_, broken);
  // A late answer would be taken for the next request's.
  if (broken) End(*helper);
  return answer;
}

absl::StatusOr<std::string> UidHelpers::Link(pid_t pid, ProcItem item,
                                             int number) {
  HelperRequest request;
  request.kind = HelperRequest::Kind::kLink;
  request.item = item;
  request.pid = pid;
  request.number = number;
  GATEWATCH_ASSIGN_OR_RETURN(Answer answer, Ask(request));
  return std::move(answer.bytes);
}

absl::StatusOr<std::string> UidHelpers::Content(pid_t pid, ProcItem item,
                                                size_t limit) {
  HelperRequest request;
  request.kind = HelperRequest::Kind::kContent;
  request.item = item;
  request.pid = pid;
  request.limit =
      static_cast<uint32_t>(std::min(limit, HelperAnswer::kMaxBytes));
  GATEWATCH_ASSIGN_OR_RETURN(Answer answer, Ask(request));
  return std::move(answer.bytes);
}

absl::StatusOr<UniqueFd> UidHelpers::Open(pid_t pid, ProcItem item) {
  HelperRequest request;
  request.kind = HelperRequest::Kind::kOpen;
  request.item = item;
  request.pid = pid;
  GATEWATCH_ASSIGN_OR_RETURN(Answer answer, Ask(request));
  if (!answer.fd.valid()) return absl::InternalError("no descriptor came");
  return std::move(answer.fd);
}

std::vector<SocketDescriptor> UidHelpers::Sockets(pid_t pid) {
  HelperRequest request;
  request.kind = HelperRequest::Kind::kSockets;
  request.item = ProcItem::kDescriptor;
  request.pid = pid;
  const auto answer = Ask(request);
  if (!answer.ok()) return {};
  std::vector<SocketDescriptor> sockets(answer->bytes.size() /
                                        sizeof(SocketDescriptor));
  memcpy(sockets.data(), answer->bytes.data(),
         sockets.size() * sizeof(SocketDescriptor));
  return sockets;
}

}  // namespace gatewatch::probes
