#include "probes/procfs/socket_entry.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::probes {
namespace {

// As Linux writes them on a little-endian machine.
constexpr absl::string_view kTcp =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
    "retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 "
    "00000000  1000        0 12345 1 ffff 100 0 0 10 0\n"
    "   1: 0500000A:9C40 04030201:01BB 01 00000000:00000000 02:000A 00000000 "
    "    0        0 777 2 ffff 20 4 30 10 -1\n";

std::string Message(uint16_t type, absl::string_view body) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<uint32_t>(sizeof(header) + body.size());
  header.nlmsg_type = type;
  return absl::StrCat(
      absl::string_view(reinterpret_cast<const char*>(&header), sizeof(header)),
      body);
}

std::string Diag(uint8_t family, uint8_t state, uint32_t inode) {
  inet_diag_msg message{};
  message.idiag_family = family;
  message.idiag_state = state;
  message.idiag_inode = inode;
  message.id.idiag_sport = htons(8080);
  message.id.idiag_src[0] = htonl(0x7f000001);
  return Message(20,
                 {reinterpret_cast<const char*>(&message), sizeof(message)});
}

}  // namespace

TEST_CASE("the kernel's list of sockets is read line by line", "[sockets]") {
  const auto entries = ParseProcNet(kTcp, AF_INET, IPPROTO_TCP);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].state == SocketState::kListening);
  CHECK(entries[0].inode == 12345);
  CHECK(entries[0].socket.type == SOCK_STREAM);
  CHECK(entries[0].socket.local.ip == std::string("\x7f\0\0\1", 4));
  CHECK(entries[0].socket.local.port == 8080);
  CHECK(entries[0].socket.remote.ip.empty());
  CHECK(entries[1].state == SocketState::kEstablished);
  CHECK(entries[1].socket.remote.ip == "\1\2\3\4");
  CHECK(entries[1].socket.remote.port == 443);
}

TEST_CASE("IPv4 within IPv6 is given as IPv4", "[sockets]") {
  const auto entries = ParseProcNet(
      "0: 0000000000000000FFFF00000500000A:0035 "
      "00000000000000000000000000000000:0000 07 0:0 0:0 0 0 0 99 2\n",
      AF_INET6, IPPROTO_UDP);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].socket.local.ip == std::string("\x0a\0\0\5", 4));
  CHECK(entries[0].socket.type == SOCK_DGRAM);
  CHECK(entries[0].state == SocketState::kClosed);
}

TEST_CASE("lines that say nothing are left out", "[sockets]") {
  for (const absl::string_view line :
       {"", "0:", "0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0",
        "0: 0100007F1F90 00000000:0000 0A 0:0 0:0 0 0 0 1",
        "0: 0100007G:1F90 00000000:0000 0A 0:0 0:0 0 0 0 1",
        "0: 0100007F:1F90 00000000:0000 XX 0:0 0:0 0 0 0 1",
        "0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 -1"}) {
    INFO(line);
    CHECK(ParseProcNet(line, AF_INET, IPPROTO_TCP).empty());
  }
  CHECK(ParseProcNet(kTcp, AF_INET6, IPPROTO_TCP).empty());
}

TEST_CASE("a dump is read until it says that it is done", "[sockets]") {
  std::vector<SocketEntry> entries;
  int error = 0;
  CHECK(ParseInetDiag(Diag(AF_INET, 10, 5) + Diag(AF_INET, 1, 6), IPPROTO_TCP,
                      entries, error));
  CHECK_FALSE(
      ParseInetDiag(Message(NLMSG_DONE, ""), IPPROTO_TCP, entries, error));
  CHECK(error == 0);
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].inode == 5);
  CHECK(entries[0].state == SocketState::kListening);
  CHECK(entries[0].socket.local.port == 8080);
  CHECK(entries[0].socket.local.ip == std::string("\x7f\0\0\1", 4));
  CHECK(entries[0].socket.remote.ip.empty());
}

TEST_CASE("a refused or broken dump ends with its error", "[sockets]") {
  std::vector<SocketEntry> entries;
  int error = 0;
  const int32_t refused = -EPERM;
  CHECK_FALSE(ParseInetDiag(
      Message(NLMSG_ERROR,
              {reinterpret_cast<const char*>(&refused), sizeof(refused)}),
      IPPROTO_TCP, entries, error));
  CHECK(error == EPERM);
  std::string broken = Diag(AF_INET, 1, 6);
  broken.resize(broken.size() - 1);
  CHECK_FALSE(ParseInetDiag(broken, IPPROTO_TCP, entries, error));
  CHECK(error == EBADMSG);
  CHECK(entries.empty());
}

}  // namespace gatewatch::probes
