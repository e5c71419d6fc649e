#include "detection/field.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "detection/flag_names.h"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

std::string ErrorOf(const std::string& name) {
  const auto field = Field::Find(name);
  if (field.ok()) return "";
  const bool unknown = absl::StrContains(field.status().message(), "no field");
  CHECK(field.status().code() == (unknown
                                      ? absl::StatusCode::kNotFound
                                      : absl::StatusCode::kInvalidArgument));
  return std::string(field.status().message());
}

// The value of a field of a container with this image.
bool HasImage(const std::string& image, const std::string& condition) {
  v1::EventRecord record = Record("event {}");
  record.mutable_container()->set_image(image);
  return Holds(condition, record);
}

}  // namespace

TEST_CASE("an unknown field names the nearest", "[fields]") {
  CHECK(ErrorOf("proc.nmae") ==
        "there is no field proc.nmae; did you mean proc.name?");
  CHECK(ErrorOf("fd.nam") == "there is no field fd.nam; did you mean fd.name?");
  CHECK(ErrorOf("some.thing.else") == "there is no field some.thing.else");
  CHECK(ErrorOf("").size() < 60);
}

TEST_CASE("an overlong field name is shortened, and resembles none",
          "[fields]") {
  CHECK(ErrorOf(std::string(1 << 20, 'x')) ==
        "there is no field " + std::string(100, 'x'));
}

TEST_CASE("only some fields take an argument", "[fields]") {
  CHECK(ErrorOf("proc.name[1]") == "proc.name takes no argument");
  CHECK(ErrorOf("proc.aname[1]").empty());
  CHECK(ErrorOf("proc.aname").empty());
  CHECK(ErrorOf("proc.aname[64]").empty());
  for (const char* argument :
       {"65", "-1", "", "x", "1x", "99999999999999999"}) {
    CHECK(ErrorOf(absl::StrCat("proc.aname[", argument, "]")) ==
          "proc.aname takes a number from 0 to 64 in brackets");
  }
  CHECK(ErrorOf("container.mount.dest") ==
        "container.mount.dest needs an argument: container.mount.dest[…]");
  CHECK(ErrorOf("container.mount.dest[/etc]").empty());
}

TEST_CASE("an image is told from its tag, digest and registry's port",
          "[fields]") {
  struct Row {
    std::string image, repository, tag;
  };
  const Row row = GENERATE(values<Row>({
      {"nginx", "nginx", ""},
      {"nginx:1.25", "nginx", "1.25"},
      {"library/nginx:1.25@sha256:aa", "library/nginx", "1.25"},
      {"nginx@sha256:aa", "nginx", ""},
      {"host:5000/nginx", "host:5000/nginx", ""},
      {"host:5000/a/nginx:v1", "host:5000/a/nginx", "v1"},
      {"host:5000/nginx@sha256:aa", "host:5000/nginx", ""},
  }));
  INFO(row.image);
  CHECK(HasImage(row.image,
                 "container.image.repository = \"" + row.repository + "\""));
  if (row.tag.empty()) {
    CHECK(HasImage(row.image, "not container.image.tag exists"));
  } else {
    CHECK(HasImage(row.image, "container.image.tag = " + row.tag));
  }
}

TEST_CASE("a command line is the name and the arguments after the first",
          "[fields]") {
  v1::EventRecord record = Record("event {} process { name: 'sh' }");
  CHECK(Holds("proc.cmdline = sh", record));
  record.mutable_process()->add_arguments("/bin/sh");
  CHECK(Holds("proc.cmdline = sh and proc.args = \"\"", record));
  record.mutable_process()->add_arguments("-x");
  CHECK(Holds("proc.cmdline = \"sh -x\"", record));
}

TEST_CASE("the process id in the namespace is the process id when unknown",
          "[fields]") {
  CHECK(Holds("proc.vpid = 7", Record("event {} process { pid: 7 }")));
}

TEST_CASE("a socket is named by the ends that are known", "[fields]") {
  const auto named = [](const std::string& socket, const std::string& name) {
    const v1::EventRecord record = Record(
        "event { syscall: 'bind' socket_call { socket { " + socket + " } } }");
    return Holds("fd.name = \"" + name + "\"", record);
  };
  CHECK(named("family: 2 local { ip: '\\x00\\x00\\x00\\x00' port: 80 }",
              "0.0.0.0:80"));
  CHECK(named("family: 2 remote { ip: '\\x01\\x02\\x03\\x04' port: 53 }",
              "1.2.3.4:53"));
  CHECK(named("family: 1 local { path: '/run/x' }", "/run/x"));
  CHECK(named("family: 1 local { path: '/l' } remote { path: '/r' }", "/r"));
}

TEST_CASE("a datagram socket for pings is told from UDP", "[fields]") {
  const auto speaks = [](const std::string& socket, const std::string& name) {
    return Holds("fd.l4proto = " + name,
                 Record("event { socket_call { socket { " + socket + " } } }"));
  };
  CHECK(speaks("family: 2 type: 2 protocol: 1", "icmp"));
  CHECK(speaks("family: 10 type: 2 protocol: 58", "icmp"));
  CHECK(speaks("family: 2 type: 2 protocol: 17", "udp"));
  CHECK(speaks("family: 2 type: 3 protocol: 1", "raw"));
}

TEST_CASE("an address of an impossible length is no address", "[fields]") {
  const v1::EventRecord record = Record(
      "event { socket_call { socket { family: 2 remote { ip: 'abc' } } } }");
  CHECK_FALSE(Holds("fd.net = 0.0.0.0/0", record));
  CHECK_FALSE(Holds("fd.name exists", record));
}

TEST_CASE("the server is the side that listens", "[fields]") {
  const std::string call =
      GENERATE(as<std::string>(), "bind", "listen", "accept", "accept4");
  v1::EventRecord record = Connect();
  record.mutable_event()->set_syscall(call);
  CHECK(Holds("fd.sport = 40000 and fd.cport = 80", record));
  record.mutable_event()->set_syscall("sendto");
  CHECK(Holds("fd.sport = 80 and fd.cport = 40000", record));
}

TEST_CASE("flags are given by name", "[fields]") {
  CHECK(OpenFlagNames(0) == "O_RDONLY");
  CHECK(OpenFlagNames(02 | 0100 | 02000000) == "O_RDWR|O_CREAT|O_CLOEXEC");
  CHECK(ModeNames(0) == "0");
  CHECK(ModeNames(04755) ==
        "S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID");
  CHECK(MemoryFileFlagNames(0) == "0");
  CHECK(PtraceRequestName(0) == "PTRACE_TRACEME");
  CHECK(PtraceRequestName(0x4206) == "PTRACE_SEIZE");
  CHECK(PtraceRequestName(-5) == "-5");
  CHECK(FamilyName(2) == "AF_INET");
  CHECK(FamilyName(999) == "999");
  CHECK(SignalName(9) == "SIGKILL");
  CHECK(SignalName(-1) == "-1");
  CHECK(SignalName(9999) == "9999");
  CHECK(NamespaceNames(0) == "0");
  CHECK(NamespaceNames(0x10000000 | 0x80) == "CLONE_NEWUSER|CLONE_NEWTIME");
  CHECK(MountFlagNames(0x5000) == "MS_BIND|MS_REC");
  CHECK(BpfCommandName(5) == "BPF_PROG_LOAD");
  CHECK(BpfCommandName(-7) == "-7");
  CHECK(ProtectionNames(0) == "PROT_NONE");
  CHECK(ProtectionNames(6) == "PROT_WRITE|PROT_EXEC");
  CHECK(MappingFlagNames(0x22) == "MAP_PRIVATE|MAP_ANONYMOUS");
  CHECK(CapabilityNames(0) == "");
  CHECK(CapabilityNames(1ull << 63 | 1) == "CAP_CHOWN");
  CHECK(ErrorName(2) == "ENOENT");
  CHECK(ErrorName(99999) == "99999");
  CHECK(ErrorName(-1) == "-1");
}

TEST_CASE("a call that failed for an unknown reason has failed", "[fields]") {
  const v1::EventRecord record =
      Record("event { outcome { status: STATUS_FAILED } }");
  CHECK(Holds("evt.res = FAILED and evt.rawres < 0", record));
}

TEST_CASE("an error that no kernel gives is shown as it is", "[fields]") {
  const v1::EventRecord record =
      Record("event { outcome { status: STATUS_FAILED error: -2147483648 } }");
  CHECK(Holds("evt.res = -2147483648 and evt.rawres = 2147483648", record));
}

TEST_CASE("a call whose end was not seen has no result", "[fields]") {
  const v1::EventRecord record = Record("event { file_open {} }");
  CHECK_FALSE(
      Holds("evt.res exists or evt.rawres exists or fd.num exists", record));
}

}  // namespace gatewatch::detection
