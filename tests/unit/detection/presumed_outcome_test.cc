#include "detection/presumed_outcome.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "detection/condition.h"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

constexpr char kSysAdmin[] = "2097152";

// What a call of this process is taken to have returned; "<NA>" when that is
// left open.
std::string Result(const std::string& event,
                   const std::string& capabilities = "0") {
  const v1::EventRecord record =
      Record(absl::StrCat("event { ", event,
                          " } process { credentials { uid: 33 effective_uid: "
                          "33 saved_uid: 33 effective_capabilities: ",
                          capabilities, " } }"));
  const auto result = ResultOf(ViewOf(record));
  if (!result) return "<NA>";
  CHECK(result->presumed);
  return absl::StrCat(result->value);
}

constexpr char kOpenStock[] =
    "evt.type = openat and fd.num >= 0 and evt.rawres >= 0 and "
    "evt.res = SUCCESS";

v1::EventRecord OpenOf(const std::string& outcome, const std::string& file) {
  return Record(absl::StrCat("event { syscall: 'openat' ", outcome,
                             " file_open { file { path: '/x' ", file,
                             " } } }"));
}

}  // namespace

TEST_CASE("an open that nothing stood in the way of counts", "[outcome]") {
  CHECK(Holds(kOpenStock, OpenOf("", "kind: KIND_REGULAR")));
  CHECK_FALSE(Holds(kOpenStock, OpenOf("", "")));
  CHECK_FALSE(Holds(kOpenStock, OpenOf("outcome { status: STATUS_FAILED "
                                       "error: 13 }",
                                       "kind: KIND_REGULAR")));
}

TEST_CASE("a presumed outcome is no known one", "[outcome]") {
  const v1::EventRecord record = OpenOf("", "kind: KIND_REGULAR");
  CHECK_FALSE(Holds("evt.failed exists", record));
  const auto condition = Condition::Parse("evt.res = SUCCESS");
  REQUIRE(condition.ok());
  const auto reasons = condition->Explain(ViewOf(record));
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].value() == "unknown (presumed SUCCESS)");
}

TEST_CASE("a connection that was begun counts", "[outcome]") {
  CHECK(Holds("evt.rawres >= 0 or evt.res = EINPROGRESS", Connect()));
  CHECK(Result("syscall: 'accept' socket_call {}") == "<NA>");
  CHECK(Result("syscall: 'accept' socket_call { socket { remote { ip: "
               "'\\1\\2\\3\\4' } } }") == "3");
}

TEST_CASE("a duplicated descriptor has its new number", "[outcome]") {
  CHECK(
      Result("descriptor_dup { new_fd: 1 refers_to { kind: KIND_SOCKET } }") ==
      "1");
  CHECK(Result("descriptor_dup { refers_to { kind: KIND_CLOSED } }") == "<NA>");
}

TEST_CASE("what is changed by a descriptor is there", "[outcome]") {
  const std::string change = "file_change { operation: OPERATION_CHMOD file { ";
  CHECK(Result(change + "path: '/x' } }") == "0");
  CHECK(Result(change + "path: '/x' raw_path: 'x' } }") == "<NA>");
  CHECK(Result(change + "path: '/x' raw_path: 'x' kind: KIND_REGULAR } }") ==
        "0");
}

TEST_CASE("what needs a capability needs it here", "[outcome]") {
  const std::string call =
      GENERATE(as<std::string>(), "mount_change { operation: OPERATION_MOUNT }",
               "namespace_change { namespaces: 131072 }",
               "kernel_interface { interface: INTERFACE_BPF }",
               "kernel_interface { interface: INTERFACE_PERF_EVENT }");
  INFO(call);
  CHECK(Result(call) == "<NA>");
  CHECK(Result(call, kSysAdmin) != "<NA>");
}

TEST_CASE("a user namespace needs no capability", "[outcome]") {
  CHECK(Result("namespace_change { namespaces: 268435456 }") == "0");
}

TEST_CASE("only its own ids are anybody's to take", "[outcome]") {
  CHECK(Result("credential_change { uid: 33 }") == "0");
  CHECK(Result("credential_change { uid: 0 }") == "<NA>");
  CHECK(Result("credential_change { uid: 0 }", "128") == "0");
  CHECK(Result("credential_change { groups: 0 }") == "<NA>");
}

TEST_CASE("a change needs what it changes", "[outcome]") {
  CHECK(Result("file_change { operation: OPERATION_UNLINK }") == "<NA>");
  CHECK(Result("file_change { operation: OPERATION_UNLINK file { kind: "
               "KIND_REGULAR } }") == "0");
  CHECK(Result("file_change { operation: OPERATION_MKDIR }") == "0");
  CHECK(Result("file_change { operation: OPERATION_MKDIR file { kind: "
               "KIND_DIRECTORY } }") == "<NA>");
  CHECK(Result("file_change { operation: OPERATION_SYMLINK }") == "0");
  CHECK(Result("file_change { operation: OPERATION_SYMLINK target { kind: "
               "KIND_REGULAR } }") == "<NA>");
}

TEST_CASE("an exec that was not seen to happen is an attempt", "[outcome]") {
  const v1::EventRecord seen =
      Record("event { process_exec { confirmed: true } }");
  const auto result = ResultOf(ViewOf(seen));
  REQUIRE(result);
  CHECK(result->value == 0);
  CHECK_FALSE(result->presumed);
  CHECK(Result("process_exec {}") == "<NA>");
}

TEST_CASE("what is no call has no result", "[outcome]") {
  CHECK(Result("process_exit {}") == "<NA>");
  CHECK(Result("coverage {}") == "<NA>");
}

}  // namespace gatewatch::detection
