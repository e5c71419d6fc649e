#include "probes/bpf/capture_spec.h"

#include <linux/capability.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/types.h>

#include <algorithm>

#include "probes/syscalls/call_group.h"

namespace gatewatch::probes {
namespace {

// Namespaces that clone3(2) can make.
constexpr uint64_t kNewNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP |
                                    CLONE_NEWUTS | CLONE_NEWIPC |
                                    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
constexpr uint8_t kCapabilityData = 2 * sizeof(__user_cap_data_struct);

struct RoleCapture {
  Role role;
  gw_argument_kind kind;
  uint8_t detail = 0;
};

// The roles of which more than the register is captured.
constexpr RoleCapture kRoleCaptures[] = {
    {Role::kPath, GW_PATH},
    {Role::kNewPath, GW_PATH},
    {Role::kMountPoint, GW_PATH},
    {Role::kText, GW_TEXT},
    {Role::kOptionalText, GW_TEXT},
    {Role::kFileSystem, GW_TEXT},
    {Role::kArgv, GW_STRINGS},
    {Role::kSockaddr, GW_SIZED},
    {Role::kMessage, GW_MESSAGE},
    {Role::kFd, GW_FILE},
    {Role::kPidFd, GW_FILE},
    {Role::kOpenHow, GW_STRUCT, sizeof(open_how)},
    {Role::kCloneArguments, GW_STRUCT, sizeof(uint64_t)},  // the flags
    {Role::kGroups, GW_GROUP, sizeof(gid_t)},
    {Role::kCapabilities, GW_PAIR, kCapabilityData},
};

// Calls that are observed only when the memory that an argument points to
// begins with something: an address, a namespace's flag.
struct Peek {
  Role role;
  uint64_t mask;
};
constexpr Peek kPeeks[] = {
    {Role::kMessage, UINT64_MAX},  // msghdr begins with msg_name
    {Role::kCloneArguments, kNewNamespaces},
};

uint8_t IndexOf(const SyscallRow& row, Role role) {
  const auto* const found = std::find(row.roles.begin(), row.roles.end(), role);
  return found == row.roles.end()
             ? static_cast<uint8_t>(GW_FROM_CWD)
             : static_cast<uint8_t>(found - row.roles.begin());
}

bool Has(const SyscallRow& row, Role role) {
  return IndexOf(row, role) != GW_FROM_CWD;
}

gw_argument_spec ArgumentSpecOf(const SyscallRow& row, Role role) {
  for (const RoleCapture& capture : kRoleCaptures) {
    if (capture.role != role) continue;
    uint8_t detail = capture.detail;
    if (capture.kind == GW_PATH) {
      const bool second = role == Role::kNewPath;
      detail = IndexOf(row, second ? Role::kNewDirFd : Role::kDirFd);
    }
    return {static_cast<uint8_t>(capture.kind), detail};
  }
  return {GW_PLAIN, 0};
}

int FlagsOfAction(Action action) {
  switch (action) {
    case Action::kOpen:
    case Action::kAccept:
      return GW_RESULT_IS_FILE;
    case Action::kExec:
      return GW_QUIET_SUCCESS;
    case Action::kMkdir:
    case Action::kMknod:
      return GW_QUIET_EXISTS;
    case Action::kConnect:
      return GW_TELL_INTERRUPTED;
    case Action::kCloneNamespaces:
      return GW_QUIET_ZERO;
    default:
      return 0;
  }
}

gw_test TestOf(const ArgumentTest& test) {
  using Kind = ArgumentTest::Kind;
  static_assert(static_cast<int>(Kind::kAlways) == GW_ALWAYS &&
                static_cast<int>(Kind::kNever) == GW_NEVER &&
                static_cast<int>(Kind::kNonZero) == GW_NON_ZERO &&
                static_cast<int>(Kind::kAtMost) == GW_AT_MOST &&
                static_cast<int>(Kind::kOneOf) == GW_ONE_OF &&
                static_cast<int>(Kind::kNoneOf) == GW_NONE_OF &&
                static_cast<int>(Kind::kAnyBit) == GW_ANY_BIT &&
                static_cast<int>(Kind::kAllBits) == GW_ALL_BITS);
  static_assert(std::tuple_size_v<decltype(test.values)> == GW_TEST_VALUES);
  gw_test told = {static_cast<uint8_t>(test.kind), test.argument, {}};
  std::copy(test.values.begin(), test.values.end(), told.values);
  return told;
}

void SetPeek(const SyscallRow& row, gw_call_spec& spec) {
  for (const Peek& peek : kPeeks) {
    if (!Has(row, peek.role)) continue;
    spec.flags |= GW_PEEKS;
    spec.peek_argument = IndexOf(row, peek.role);
    spec.peek_mask = peek.mask;
  }
}

}  // namespace

gw_call_spec CaptureSpecOf(const SyscallRow& row) {
  gw_call_spec spec = {};
  // A process's end is seen of itself, however it comes.
  if (row.action == Action::kExit) return spec;
  spec.observed = 1;
  spec.flags = static_cast<uint8_t>(FlagsOfAction(row.action));
  static_assert(static_cast<int>(CallGroup::kFileRead) == GW_FILE_READ);
  spec.group = static_cast<uint8_t>(GroupOf(row));
  const int open_flags = OpenFlagsArgument(row);
  spec.open_flags = open_flags < 0 ? static_cast<uint8_t>(GW_NO_OPEN_FLAGS)
                                   : static_cast<uint8_t>(open_flags);
  if (Has(row, Role::kPath) || Has(row, Role::kNewPath)) {
    spec.flags |= GW_QUIET_MISSING;
  }
  // What no filter can decide is told by Never(), and by a look at memory.
  if (row.reach == Reach::kEveryRung) {
    spec.test = TestOf(row.test);
    spec.and_test = TestOf(row.and_test);
    spec.or_test = TestOf(row.or_test);
    spec.has_tests = row.test.kind != ArgumentTest::Kind::kAlways ||
                     row.and_test.kind != ArgumentTest::Kind::kAlways;
  }
  if (Has(row, Role::kPid)) spec.flags |= GW_TELLS_NUMBERS;
  SetPeek(row, spec);
  for (size_t i = 0; i < row.roles.size(); ++i) {
    spec.arguments[i] = ArgumentSpecOf(row, row.roles[i]);
  }
  return spec;
}

}  // namespace gatewatch::probes
