#include "probes/bpf/capture_spec.h"

#include <linux/openat2.h>

#include <algorithm>

namespace gatewatch::probes {
namespace {

struct RoleCapture {
  Role role;
  gw_argument_kind kind;
  uint8_t detail = 0;
};

// The roles of which more than the register is captured.
constexpr RoleCapture kRoleCaptures[] = {
    {Role::kPath, GW_PATH},
    {Role::kNewPath, GW_PATH},
    {Role::kText, GW_TEXT},
    {Role::kArgv, GW_STRINGS},
    {Role::kSockaddr, GW_SIZED},
    {Role::kFd, GW_FILE},
    {Role::kOpenHow, GW_STRUCT, sizeof(open_how)},
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
    if (role == Role::kPath) detail = IndexOf(row, Role::kDirFd);
    if (role == Role::kNewPath) detail = IndexOf(row, Role::kNewDirFd);
    return {static_cast<uint8_t>(capture.kind), detail};
  }
  return {GW_PLAIN, 0};
}

uint8_t FlagsOf(const SyscallRow& row) {
  int flags = 0;
  if (row.action == Action::kOpen || row.action == Action::kAccept) {
    flags |= GW_RESULT_IS_FILE;
  }
  if (row.action == Action::kExec) flags |= GW_QUIET_SUCCESS;
  if (row.action == Action::kMkdir) flags |= GW_QUIET_EXISTS;
  if (row.action == Action::kConnect) flags |= GW_TELL_INTERRUPTED;
  if (Has(row, Role::kPath) || Has(row, Role::kNewPath)) {
    flags |= GW_QUIET_MISSING;
  }
  return static_cast<uint8_t>(flags);
}

void SetTest(const ArgumentTest& test, gw_call_spec& spec) {
  switch (test.kind) {
    case ArgumentTest::Kind::kAlways:
      spec.test = GW_ALWAYS;
      break;
    case ArgumentTest::Kind::kNonZero:
      spec.test = GW_NON_ZERO;
      break;
    case ArgumentTest::Kind::kAtMost:
      spec.test = GW_AT_MOST;
      break;
    case ArgumentTest::Kind::kOneOf:
      spec.test = GW_ONE_OF;
      break;
  }
  static_assert(std::tuple_size_v<decltype(test.values)> <= GW_TEST_VALUES);
  spec.test_argument = test.argument;
  // The rest repeats a value, so that it changes nothing.
  std::fill(std::begin(spec.test_values), std::end(spec.test_values),
            test.values[0]);
  std::copy(test.values.begin(), test.values.end(), spec.test_values);
}

}  // namespace

gw_call_spec CaptureSpecOf(const SyscallRow& row) {
  gw_call_spec spec = {};
  // A process's end is seen of itself, however it comes.
  if (row.action == Action::kExit) return spec;
  spec.observed = 1;
  spec.flags = FlagsOf(row);
  SetTest(row.test, spec);
  for (size_t i = 0; i < row.roles.size(); ++i) {
    spec.arguments[i] = ArgumentSpecOf(row, row.roles[i]);
  }
  return spec;
}

}  // namespace gatewatch::probes
