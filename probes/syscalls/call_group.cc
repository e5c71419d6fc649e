#include "probes/syscalls/call_group.h"

#include <fcntl.h>

#include <algorithm>

namespace gatewatch::probes {
namespace {

struct Member {
  Action action;
  CallGroup group;
};

// What is not here is of group kOther.
constexpr Member kMembers[] = {
    {Action::kExec, CallGroup::kVital},
    {Action::kExit, CallGroup::kVital},
    {Action::kSetIds, CallGroup::kVital},
    {Action::kOpen, CallGroup::kFile},
    {Action::kUnlink, CallGroup::kFile},
    {Action::kRename, CallGroup::kFile},
    {Action::kLink, CallGroup::kFile},
    {Action::kSymlink, CallGroup::kFile},
    {Action::kChmod, CallGroup::kFile},
    {Action::kChown, CallGroup::kFile},
    {Action::kMkdir, CallGroup::kFile},
    {Action::kRmdir, CallGroup::kFile},
    {Action::kTruncate, CallGroup::kFile},
    {Action::kMknod, CallGroup::kFile},
    {Action::kSetAttribute, CallGroup::kFile},
    {Action::kRemoveAttribute, CallGroup::kFile},
    {Action::kConnect, CallGroup::kNetwork},
    {Action::kBind, CallGroup::kNetwork},
    {Action::kListen, CallGroup::kNetwork},
    {Action::kAccept, CallGroup::kNetwork},
    {Action::kSendTo, CallGroup::kNetwork},
    {Action::kSocket, CallGroup::kNetwork},
};

}  // namespace

CallGroup GroupOf(const SyscallRow& row) {
  for (const Member& member : kMembers) {
    if (member.action == row.action) return member.group;
  }
  return CallGroup::kOther;
}

int OpenFlagsArgument(const SyscallRow& row) {
  if (row.action != Action::kOpen) return -1;
  const auto* const flags =
      std::find(row.roles.begin(), row.roles.end(), Role::kFlags);
  return flags == row.roles.end() ? -1
                                  : static_cast<int>(flags - row.roles.begin());
}

uint32_t WritingFlags() { return O_ACCMODE | O_CREAT | O_TRUNC; }

CallGroup GroupOf(const SyscallRow& row, const RegisterArguments& arguments) {
  const int flags = OpenFlagsArgument(row);
  if (flags >= 0 &&
      (arguments[static_cast<size_t>(flags)] & WritingFlags()) == 0) {
    return CallGroup::kFileRead;
  }
  return GroupOf(row);
}

}  // namespace gatewatch::probes
