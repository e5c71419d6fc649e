#include "probes/procfs/uid_helper_process.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace gatewatch::probes {
namespace {

constexpr size_t kMaxSockets = 4096;

struct ItemRow {
  ProcItem item;
  const char* name;
};
constexpr ItemRow kItems[] = {
    {ProcItem::kExecutable, "exe"},
    {ProcItem::kWorkingDirectory, "cwd"},
    {ProcItem::kRoot, "root"},
    {ProcItem::kPidNamespace, "ns/pid"},
    {ProcItem::kMountNamespace, "ns/mnt"},
    {ProcItem::kDescriptor, "fd"},
    {ProcItem::kEnvironment, "environ"},
    {ProcItem::kAuxiliaryVector, "auxv"},
};

// An answer under construction; on the stack, since nothing is allocated.
struct Reply {
  HelperAnswer header;
  char bytes[HelperAnswer::kMaxBytes];
  int fd = -1;  // to be passed
};

bool PathOf(const char* proc_root, const HelperRequest& request, char* path) {
  for (const ItemRow& row : kItems) {
    if (row.item != request.item) continue;
    const int length = ::snprintf(path, PATH_MAX, "%s/%d/%s", proc_root,
                                  request.pid, row.name);
    const bool is_link = request.kind == HelperRequest::Kind::kLink;
    if (row.item == ProcItem::kDescriptor && is_link) {
      ::snprintf(path + length, PATH_MAX - static_cast<size_t>(length), "/%d",
                 request.number);
    }
    return true;
  }
  return false;
}

void Finish(ssize_t result, Reply& reply) {
  if (result < 0) {
    reply.header.error = errno;
  } else {
    reply.header.size = static_cast<uint32_t>(result);
  }
}

void ReadContent(const char* path, size_t limit, Reply& reply) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Finish(-1, reply);
  limit = std::min(limit, sizeof(reply.bytes));
  size_t size = 0;
  ssize_t got = 0;
  do {
    got = ::read(fd, reply.bytes + size, limit - size);
    if (got > 0) size += static_cast<size_t>(got);
  } while (got > 0 && size < limit);
  Finish(got < 0 && size == 0 ? -1 : static_cast<ssize_t>(size), reply);
  ::close(fd);
}

// Adds the socket that an entry of a descriptor directory is, if it is one.
void AddSocket(int directory, const char* name, Reply& reply) {
  constexpr char kPrefix[] = "socket:[";
  constexpr size_t kPrefixSize = sizeof(kPrefix) - 1;
  char link[64];
  const ssize_t size = ::readlinkat(directory, name, link, sizeof(link) - 1);
  if (size < static_cast<ssize_t>(kPrefixSize) ||
      memcmp(link, kPrefix, kPrefixSize) != 0) {
    return;
  }
  link[size] = '\0';
  const SocketDescriptor socket{::strtoull(link + kPrefixSize, nullptr, 10),
                                static_cast<int32_t>(::atoi(name))};
  memcpy(reply.bytes + reply.header.size, &socket, sizeof(socket));
  reply.header.size += sizeof(socket);
}

void ListSockets(const char* path, Reply& reply) {
  static_assert(kMaxSockets * sizeof(SocketDescriptor) <= sizeof(reply.bytes));
  const int directory = ::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return Finish(-1, reply);
  alignas(dirent64) char entries[4096];
  const auto room = [&] {
    return reply.header.size < kMaxSockets * sizeof(SocketDescriptor);
  };
  long got = 0;
  while (room() && (got = ::syscall(SYS_getdents64, directory, entries,
                                    sizeof(entries))) > 0) {
    for (long at = 0; at < got && room();) {
      const auto* entry = reinterpret_cast<const dirent64*>(entries + at);
      AddSocket(directory, entry->d_name, reply);
      at += entry->d_reclen;
    }
  }
  ::close(directory);
}

void Handle(const HelperRequest& request, const char* proc_root, Reply& reply) {
  char path[PATH_MAX];
  if (!PathOf(proc_root, request, path)) {
    reply.header.error = EINVAL;
    return;
  }
  switch (request.kind) {
    case HelperRequest::Kind::kLink:
      return Finish(::readlink(path, reply.bytes, sizeof(reply.bytes)), reply);
    case HelperRequest::Kind::kContent:
      return ReadContent(path, request.limit, reply);
    case HelperRequest::Kind::kOpen:
      reply.fd = ::open(path, O_PATH | O_CLOEXEC);
      return Finish(reply.fd < 0 ? -1 : 0, reply);
    case HelperRequest::Kind::kSockets:
      return ListSockets(path, reply);
  }
  reply.header.error = EINVAL;
}

bool Send(int socket, const Reply& reply) {
  iovec parts[] = {
      {const_cast<HelperAnswer*>(&reply.header), sizeof(reply.header)},
      {const_cast<char*>(reply.bytes), reply.header.size}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  if (reply.fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &reply.fd, sizeof(int));
  }
  const bool sent = ::sendmsg(socket, &message, MSG_NOSIGNAL) >= 0;
  if (reply.fd >= 0) ::close(reply.fd);
  return sent;
}

void CloseAllBut(int socket) {
#ifdef SYS_close_range
  const auto keep = static_cast<unsigned>(socket);
  const bool below =
      keep == 0 || ::syscall(SYS_close_range, 0, keep - 1, 0) == 0;
  if (below && ::syscall(SYS_close_range, keep + 1, ~0u, 0) == 0) return;
#endif
  const long limit = ::sysconf(_SC_OPEN_MAX);  // before Linux 5.9
  for (int fd = 0; fd < limit; ++fd) {
    if (fd != socket) ::close(fd);
  }
}

// The plain calls: glibc's would tell the threads that the parent has.
bool Become(uid_t uid, gid_t gid) {
  return ::syscall(SYS_setgroups, 0, nullptr) == 0 &&
         ::syscall(SYS_setresgid, gid, gid, gid) == 0 &&
         ::syscall(SYS_setresuid, uid, uid, uid) == 0;
}

}  // namespace

void RunUidHelper(int socket, uid_t uid, gid_t gid, pid_t parent,
                  const char* proc_root) {
  ::signal(SIGTERM, SIG_DFL);
  ::signal(SIGINT, SIG_DFL);
  CloseAllBut(socket);
  ::prctl(PR_SET_NAME, "gatewatch-read");
  if (!Become(uid, gid)) ::_exit(1);
  ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  // A change of ids clears it. It comes too late if the parent is gone now.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  HelperRequest request;
  while (::recv(socket, &request, sizeof(request), 0) == sizeof(request)) {
    Reply reply;
    Handle(request, proc_root, reply);
    if (!Send(socket, reply)) break;
  }
  ::_exit(0);
}

}  // namespace gatewatch::probes
