#include "cli/render_process.h"

#include <sys/socket.h>

#include <sstream>

#include "catch2/catch.hpp"

namespace gatewatch::cli {
namespace {

v1::Process Named(const std::string& name, int pid) {
  v1::Process process;
  process.set_name(name);
  process.set_pid(pid);
  process.add_arguments(name);
  process.mutable_credentials()->set_user_name("root");
  return process;
}

}  // namespace

TEST_CASE("a process is named with its pid, escaped", "[cli]") {
  CHECK(ProcessLabel(Named("nginx", 42)) == "nginx[42]");
  CHECK(ProcessLabel(Named("a\x1b]0;x\a", 1)) == "a\\x1b]0;x\\x07[1]");
}

TEST_CASE("a command line is its arguments, escaped and cut", "[cli]") {
  v1::Process process = Named("sh", 1);
  process.add_arguments("-c");
  process.add_arguments("id\n");
  CHECK(CommandLine(process, 80) == "sh -c id\\n");
  CHECK(CommandLine(process, 5) == "sh -…");
  process.clear_arguments();
  process.mutable_executable()->set_path("/bin/sh");
  CHECK(CommandLine(process, 80) == "/bin/sh");
}

TEST_CASE("a user without a name is told by number", "[cli]") {
  v1::Credentials credentials;
  credentials.set_effective_uid(33);
  CHECK(UserLabel(credentials) == "uid 33");
  credentials.set_user_name("www-data");
  CHECK(UserLabel(credentials) == "www-data");
}

TEST_CASE("a socket is told by the ends that are known", "[cli]") {
  v1::Socket socket;
  CHECK(DescribeSocket(socket) == "");
  socket.mutable_remote()->set_ip(std::string("\x0a\x00\x00\x02", 4));
  socket.mutable_remote()->set_port(80);
  CHECK(DescribeSocket(socket) == "10.0.0.2:80");
  socket.mutable_local()->set_ip(std::string(15, '\0') + '\1');
  socket.mutable_local()->set_port(5);
  CHECK(DescribeSocket(socket) == "[::1]:5 -> 10.0.0.2:80");
  socket.Clear();
  socket.mutable_remote()->set_path(std::string("\0x\n", 3));
  CHECK(DescribeSocket(socket) == "@x\\n");
}

TEST_CASE("an end that is not bound is not told", "[cli]") {
  v1::Socket socket;
  socket.mutable_local()->set_ip(std::string(4, '\0'));
  socket.mutable_remote()->set_ip(std::string("\x0a\x00\x00\x02", 4));
  socket.mutable_remote()->set_port(80);
  CHECK(DescribeSocket(socket) == "10.0.0.2:80");
  socket.mutable_local()->set_port(8080);  // bound to all addresses
  CHECK(DescribeSocket(socket) == "0.0.0.0:8080 -> 10.0.0.2:80");
}

TEST_CASE("an address of an odd length is not one", "[cli]") {
  v1::Socket socket;
  socket.mutable_remote()->set_ip("abcde");
  CHECK(DescribeSocket(socket) == "");
}

TEST_CASE("a descriptor is told by its kind and what it leads to", "[cli]") {
  v1::Descriptor descriptor;
  descriptor.set_kind(v1::Descriptor::KIND_FILE);
  descriptor.set_path("/tmp/x");
  CHECK(DescribeDescriptor(descriptor) == "file /tmp/x");
  descriptor.Clear();
  descriptor.set_kind(v1::Descriptor::KIND_CLOSED);
  CHECK(DescribeDescriptor(descriptor) == "closed");
}

TEST_CASE("a lineage begins with the oldest ancestor", "[cli]") {
  v1::EventRecord record;
  *record.mutable_process() = Named("sh", 3);
  *record.add_ancestors() = Named("nginx", 2);
  *record.add_ancestors() = Named("init", 1);
  std::ostringstream out;
  WriteLineage(record, "  ", out);
  CHECK(out.str() ==
        "  init[1]  root  init\n"
        "  \\_ nginx[2]  root  nginx\n"
        "     \\_ sh[3]  root  sh\n");
}

}  // namespace gatewatch::cli
