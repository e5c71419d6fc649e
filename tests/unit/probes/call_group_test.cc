#include "probes/syscalls/call_group.h"

#include <fcntl.h>

#include "catch2/catch.hpp"

namespace gatewatch::probes {
namespace {

CallGroup GroupOfCall(absl::string_view name, RegisterArguments arguments) {
  for (const SyscallRow& row : SyscallTable()) {
    if (row.name == name) return GroupOf(row, arguments);
  }
  FAIL("no such call");
  return CallGroup::kOther;
}

}  // namespace

TEST_CASE("an open is told by its flags, where they are in a register",
          "[calls]") {
  CHECK(GroupOfCall("open", {0, O_RDONLY | O_CLOEXEC}) == CallGroup::kFileRead);
  CHECK(GroupOfCall("openat", {0, 0, O_RDONLY}) == CallGroup::kFileRead);
  for (const uint64_t flags : {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC}) {
    CHECK(GroupOfCall("openat", {0, 0, flags}) == CallGroup::kFile);
  }
  CHECK(GroupOfCall("creat", {0, 0}) == CallGroup::kFile);
  CHECK(GroupOfCall("openat2", {0, 0, 0}) == CallGroup::kFile);
}

TEST_CASE("exec, exit and credentials are left out at no level", "[calls]") {
  for (const absl::string_view name :
       {"execve", "execveat", "exit_group", "setuid", "setgroups", "capset"}) {
    CHECK_FALSE(IsLeftOut(GroupOfCall(name, {}), CaptureLevel::kVital));
  }
}

TEST_CASE("each level leaves out one group more", "[calls]") {
  const CallGroup groups[] = {
      GroupOfCall("open", {}), GroupOfCall("unlink", {}),
      GroupOfCall("connect", {}), GroupOfCall("ptrace", {}),
      GroupOfCall("execve", {})};
  for (int level = 0; level < 5; ++level) {
    for (int group = 0; group < 5; ++group) {
      CAPTURE(level, group);
      CHECK(IsLeftOut(groups[group], static_cast<CaptureLevel>(level)) ==
            (group < level));
    }
  }
}

}  // namespace gatewatch::probes
