#include "agent/launch/calls_of_kinds.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "base/syscall_kind.h"
#include "probes/syscalls/call_group.h"

namespace gatewatch::agent {
namespace {

// A clone(2) of the table is one that makes namespaces.
absl::string_view KindOf(const probes::SyscallRow& row) {
  return row.action == probes::Action::kCloneNamespaces
             ? "namespace"
             : KindOfSyscall(row.name);
}

}  // namespace

std::vector<probes::SyscallRow> CallsOfKinds(absl::string_view list) {
  const absl::Span<const probes::SyscallRow> all = probes::SyscallTable();
  if (list.empty()) return {all.begin(), all.end()};
  const std::vector<absl::string_view> kinds = absl::StrSplit(list, ',');
  std::vector<probes::SyscallRow> wanted;
  for (const probes::SyscallRow& row : all) {
    if (probes::GroupOf(row) == probes::CallGroup::kVital ||
        std::find(kinds.begin(), kinds.end(), KindOf(row)) != kinds.end()) {
      wanted.push_back(row);
    }
  }
  return wanted;
}

}  // namespace gatewatch::agent
