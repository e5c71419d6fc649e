#include "probes/procfs/socket_owners.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/unique_fd.h"
#include "catch2/catch.hpp"
#include "probes/procfs/socket_lister.h"
#include "probes/procfs/socket_reader.h"
#include "tests/unit/probes/temp_tree.h"

namespace gatewatch::probes {
namespace {

struct Bound {
  UniqueFd fd;
  uint16_t port = 0;
};

// A socket of this process on a port of its own.
Bound Bind(int family, int type) {
  Bound bound{UniqueFd(::socket(family, type | SOCK_CLOEXEC, 0)), 0};
  sockaddr_storage storage{};
  storage.ss_family = static_cast<sa_family_t>(family);
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  socklen_t size =
      family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  REQUIRE(::bind(bound.fd.get(), address, size) == 0);
  if (type == SOCK_STREAM) REQUIRE(::listen(bound.fd.get(), 1) == 0);
  REQUIRE(::getsockname(bound.fd.get(), address, &size) == 0);
  bound.port = ntohs(reinterpret_cast<sockaddr_in*>(address)->sin_port);
  return bound;
}

}  // namespace

TEST_CASE("a port's socket leads to the process that has it", "[sockets]") {
  const ProcReader proc;
  SocketLister lister;
  SocketOwners owners(proc);
  for (const auto& [type, protocol] :
       {std::pair{SOCK_DGRAM, IPPROTO_UDP}, {SOCK_STREAM, IPPROTO_TCP}}) {
    const Bound bound = Bind(AF_INET, type);
    const auto entries =
        lister.List(static_cast<uint32_t>(protocol), bound.port);
    REQUIRE(entries.size() == 1);  // no other has this port
    CHECK(entries[0].socket.local.port == bound.port);
    const ProcessId owner = owners.Find(entries[0].inode);
    CHECK(owner.pid == ::getpid());
    CHECK(owner.start_ticks == proc.Stat(::getpid())->start_ticks);
  }
}

TEST_CASE("a socket that may not be asked is found by its inode", "[sockets]") {
  for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
    const Bound bound = Bind(AF_INET, type);
    struct stat status {};
    REQUIRE(::fstat(bound.fd.get(), &status) == 0);
    const auto found = FindSocket(status.st_ino);
    REQUIRE(found.ok());
    CHECK(found->local.port == bound.port);
    CHECK(found->type == static_cast<uint32_t>(type));
  }
  CHECK(absl::IsNotFound(FindSocket(0).status()));
}

TEST_CASE("all sockets are listed when no port is named", "[sockets]") {
  const Bound one = Bind(AF_INET, SOCK_STREAM);
  const Bound two = Bind(AF_INET, SOCK_STREAM);
  SocketLister lister;
  const auto entries = lister.List(IPPROTO_TCP);
  for (const uint16_t port : {one.port, two.port}) {
    CHECK(std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
      return entry.socket.local.port == port &&
             entry.state == SocketState::kListening;
    }));
  }
}

TEST_CASE("a closed socket has no owner", "[sockets]") {
  const ProcReader proc;
  SocketOwners owners(proc);
  SocketLister lister;
  Bound bound = Bind(AF_INET, SOCK_DGRAM);
  const uint64_t inode = lister.List(IPPROTO_UDP, bound.port).at(0).inode;
  CHECK(owners.Find(inode).pid == ::getpid());
  bound.fd.Reset();
  CHECK(owners.Find(inode).pid == 0);
  CHECK(lister.List(IPPROTO_UDP, bound.port).empty());
  CHECK(owners.Find(0).pid == 0);
}

TEST_CASE("another procfs is read by its files alone", "[sockets]") {
  const testing::TempTree proc;
  proc.Process(42, 1, 4200);
  proc.Link("42/fd/3", "socket:[777]");
  proc.Link("42/fd/4", "/dev/null");
  proc.File("net/tcp",
            "0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 777 1\n"
            "1: 0100007F:1F91 00000000:0000 0A 0:0 0:0 0 0 0 778 1\n"
            "2: 0100007F:1F90 00000000:0000 06 0:0 0:0 0 0 0 779 1\n");
  SocketLister lister(proc.path());
  const auto entries = lister.List(IPPROTO_TCP, 8080);
  REQUIRE(entries.size() == 1);
  const ProcReader reader(proc.path());
  SocketOwners owners(reader);
  CHECK(owners.Find(entries[0].inode) == ProcessId{42, 4200});
  CHECK(owners.Find(778) == ProcessId{});
}

}  // namespace gatewatch::probes
