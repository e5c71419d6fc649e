// One of each call on sockets, over loopback.
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/programs/require.h"

int main() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  const int server = REQUIRE_CALL(socket(AF_INET, SOCK_STREAM, 0));
  REQUIRE_CALL(bind(server, generic, size));
  REQUIRE_CALL(listen(server, 1));
  REQUIRE_CALL(getsockname(server, generic, &size));
  const int client = REQUIRE_CALL(socket(AF_INET, SOCK_STREAM, 0));
  REQUIRE_CALL(connect(client, generic, size));
  REQUIRE_CALL(accept4(server, nullptr, nullptr, SOCK_CLOEXEC));
  const int datagram = REQUIRE_CALL(socket(AF_INET, SOCK_DGRAM, 0));
  REQUIRE_CALL(sendto(datagram, "x", 1, 0, generic, size));
  close(socket(AF_PACKET, SOCK_RAW, 0));  // may be refused
  REQUIRE_CALL(dup2(client, 0));
  printf("%d\n", ntohs(address.sin_port));
  return 0;
}
