#include "detection/audit_types.h"

#include <asm/unistd.h>

#include "absl/strings/str_cat.h"
#include "base/syscall_kind.h"
#include "catch2/catch.hpp"
#include "detection/compiled_condition.h"
#include "detection/parser.h"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

struct Call {
  const char* name;
  long number;
};
const Call kCalls[] = {
#include "tests/unit/probes/syscall_names.inc"
};

// What the events of a call, or of the calls of a kind, tell.
struct Detail {
  absl::string_view call_or_kind;
  const char* text;
};
constexpr char kChange[] = R"(file_change {
    operation: OPERATION_CHMOD file { path: "/a" } target { path: "/b" } })";
const Detail kDetails[] = {
    {"exec", "process_exec { filename: '/a' }"},
    {"open", "file_open { file { path: '/a' } }"},
    {"open", "file_open { file { path: '/a' } creates: true }"},
    {"unlink",
     "file_change { operation: OPERATION_UNLINK file { path: '/a' } }"},
    {"rmdir", "file_change { operation: OPERATION_RMDIR file { path: '/a' } }"},
    {"rename",
     "file_change { operation: OPERATION_RENAME file { path: '/a' } }"},
    {"link", "file_change { operation: OPERATION_LINK file { path: '/a' } }"},
    {"symlink",
     "file_change { operation: OPERATION_SYMLINK target { path: '/a' } }"},
    {"mkdir", "file_change { operation: OPERATION_MKDIR file { path: '/a' } }"},
    {"mknod", "file_change { operation: OPERATION_MKNOD file { path: '/a' } }"},
    {"chmod", kChange},
    {"chown", kChange},
    {"truncate", kChange},
    {"xattr", kChange},
    {"mount", "mount_change { target { path: '/a' } }"},
    {"connect", "socket_call {}"},
    {"bind", "socket_call {}"},
    {"listen", "socket_call {}"},
    {"accept", "socket_call {}"},
    {"sendto", "socket_call {}"},
    {"socket", "socket_call {}"},
    {"memfd", "memory_file {}"},
    {"execmem", "executable_memory {}"},
    {"bpf", "kernel_interface { interface: INTERFACE_BPF }"},
    {"init_module", "kernel_interface { interface: INTERFACE_LOAD_MODULE }"},
    {"finit_module", "kernel_interface { interface: INTERFACE_LOAD_MODULE }"},
    {"delete_module",
     "kernel_interface { interface: INTERFACE_UNLOAD_MODULE }"},
    {"capset", "credential_change { capabilities {} }"},
};

constexpr const char* kConditions[] = {
    "audit.type iequals EXECVE",
    "audit.type iequals path",
    "audit.type iequals CWD",
    "audit.type iequals SOCKADDR",
    "audit.type iequals KERN_MODULE",
    "audit.type iequals MMAP",
    "audit.type iequals BPF",
    "audit.type iequals CAPSET",
    "audit.type iequals SYSCALL",
    "audit.type iequals anyof (BPF, SOCKADDR, nonsense)",
    "audit.type icontains addr",
    "audit.type != EXECVE",
    "not audit.type iequals EXECVE",
    "audit.name exists",
    "audit.name istartswith /A",
    "audit.name iendswith anyof (x, B)",
    "audit.nametype exists",
    "audit.nametype iequals normal",
    "audit.nametype iequals DELETE",
    "audit.nametype iequals CREATE",
    "audit.nametype iequals anyof (CREATE, DELETE)",
    "audit.arg[1] iequals -C",
    "audit.arg icontains anyof (id, x)",
};

}  // namespace

TEST_CASE("no type of event is left out that has what an audit field asks for",
          "[types]") {
  for (const char* text : kConditions) {
    ParseError error;
    size_t budget = 1000;
    const ExpressionPtr parsed = ParseCondition(text, nullptr, error);
    if (parsed == nullptr) FAIL(text << ": " << error.what);
    const auto condition =
        CompiledCondition::Compile(*parsed, nullptr, budget, error);
    if (condition == nullptr) FAIL(text << ": " << error.what);
    const EventTypes& types = condition->types();
    int held = 0;
    for (const Call& call : kCalls) {
      for (const Detail& detail : kDetails) {
        if (detail.call_or_kind != call.name &&
            detail.call_or_kind != KindOfSyscall(call.name)) {
          continue;
        }
        const v1::EventRecord record =
            ShellDoes(absl::StrCat("syscall: '", call.name, "' ", detail.text));
        if (!condition->Matches(ViewOf(record))) continue;
        ++held;
        CAPTURE(text, call.name);
        CHECK(types.names.contains(call.name) != types.all_but);
      }
    }
    CAPTURE(text);
    CHECK(held > 0);
  }
}

}  // namespace gatewatch::detection
