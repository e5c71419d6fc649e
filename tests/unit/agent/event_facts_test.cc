#include "agent/event_facts.h"

#include <string>

#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

v1::Event OpenOf(const std::string& path, const std::string& resolved = "") {
  v1::Event event;
  event.mutable_file_open()->mutable_file()->set_path(path);
  event.mutable_file_open()->mutable_file()->set_resolved_path(resolved);
  return event;
}

// A call of this name on a socket with this local address.
v1::Event CallFrom(const std::string& call, const std::string& ip) {
  v1::Event event;
  event.set_syscall(call);
  v1::Socket& socket = *event.mutable_socket_call()->mutable_socket();
  socket.mutable_local()->set_ip(ip);
  socket.mutable_local()->set_port(9);
  return event;
}

}  // namespace

TEST_CASE("a process is reached by its pid", "[facts]") {
  v1::Event traced, killed, joined;
  traced.mutable_process_access()->set_target_pid(7);
  killed.mutable_signal_send()->set_target_pid(8);
  joined.mutable_namespace_change()->set_target_pid(9);
  CHECK(ReachedProcess(traced) == 7);
  CHECK(ReachedProcess(killed) == 8);
  CHECK(ReachedProcess(joined) == 9);
  CHECK(ReachedProcess(v1::Event()) == 0);
}

TEST_CASE("a process is reached through its folder in /proc", "[facts]") {
  CHECK(ReachedProcess(OpenOf("/proc/17/mem")) == 17);
  CHECK(ReachedProcess(OpenOf("/proc/17/task/18/mem")) == 17);
  CHECK(ReachedProcess(OpenOf("/tmp/link", "/proc/17/mem")) == 17);
  CHECK(ReachedProcess(OpenOf("/proc/mounts")) == 0);
  CHECK(ReachedProcess(OpenOf("/proc/17x/mem")) == 0);
  CHECK(ReachedProcess(OpenOf("/srv/proc/17/mem")) == 0);
  CHECK(ReachedProcess(OpenOf("/proc/99999999999/mem")) == 0);
  v1::Event change;
  change.mutable_file_change()->mutable_file()->set_path("/proc/3/oom_adj");
  CHECK(ReachedProcess(change) == 3);
}

TEST_CASE("a datagram does not come from any address", "[facts]") {
  const std::string any(GENERATE(4, 16), '\0');
  const std::string call =
      GENERATE(as<std::string>(), "sendto", "sendmsg", "sendmmsg");
  v1::Event sent = CallFrom(call, any);
  ClearWildcardSource(sent);
  CHECK(sent.socket_call().socket().local().ip().empty());
  CHECK(sent.socket_call().socket().local().port() == 9);
}

TEST_CASE("an address that a socket has is not taken from it", "[facts]") {
  const std::string any(4, '\0'), one("\x7f\0\0\1", 4);
  v1::Event listens = CallFrom("listen", any), bound = CallFrom("sendto", one);
  ClearWildcardSource(listens);
  ClearWildcardSource(bound);
  CHECK(listens.socket_call().socket().local().ip() == any);
  CHECK(bound.socket_call().socket().local().ip() == one);
}

}  // namespace gatewatch::agent
