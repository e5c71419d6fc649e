#include "detection/audit_types.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace gatewatch::detection {
namespace {

// Sets of calls.
enum Calls : unsigned {
  kExec = 1,
  kOpen = 2,
  kRename = 4,
  kRemove = 8,
  kMake = 16,
  kChange = 32,
  kMount = 64,
  kSocket = 128,
  kModule = 256,
  kMemory = 512,
  kBpf = 1024,
  kCapset = 2048,
  kWithPath = kExec | kOpen | kRename | kRemove | kMake | kChange | kMount,
};

struct CallRow {
  absl::string_view name;
  Calls set;
};
constexpr CallRow kCalls[] = {
    {"execve", kExec},
    {"execveat", kExec},
    {"open", kOpen},
    {"openat", kOpen},
    {"openat2", kOpen},
    {"creat", kOpen},
    {"rename", kRename},
    {"renameat", kRename},
    {"renameat2", kRename},
    {"unlink", kRemove},
    {"unlinkat", kRemove},
    {"rmdir", kRemove},
    {"link", kMake},
    {"linkat", kMake},
    {"symlink", kMake},
    {"symlinkat", kMake},
    {"mkdir", kMake},
    {"mkdirat", kMake},
    {"mknod", kMake},
    {"mknodat", kMake},
    {"chmod", kChange},
    {"fchmod", kChange},
    {"fchmodat", kChange},
    {"fchmodat2", kChange},
    {"chown", kChange},
    {"fchown", kChange},
    {"lchown", kChange},
    {"fchownat", kChange},
    {"truncate", kChange},
    {"setxattr", kChange},
    {"lsetxattr", kChange},
    {"fsetxattr", kChange},
    {"setxattrat", kChange},
    {"removexattr", kChange},
    {"lremovexattr", kChange},
    {"fremovexattr", kChange},
    {"removexattrat", kChange},
    {"mount", kMount},
    {"umount2", kMount},
    {"pivot_root", kMount},
    {"move_mount", kMount},
    {"fsopen", kMount},
    {"fsmount", kMount},
    {"open_tree", kMount},
    {"open_tree_attr", kMount},
    {"mount_setattr", kMount},
    {"chroot", kMount},
    {"connect", kSocket},
    {"bind", kSocket},
    {"listen", kSocket},
    {"accept", kSocket},
    {"accept4", kSocket},
    {"sendto", kSocket},
    {"sendmsg", kSocket},
    {"sendmmsg", kSocket},
    {"socket", kSocket},
    {"init_module", kModule},
    {"finit_module", kModule},
    {"delete_module", kModule},
    {"mmap", kMemory},
    {"mprotect", kMemory},
    {"pkey_mprotect", kMemory},
    {"memfd_create", kMemory},
    {"bpf", kBpf},
    {"capset", kCapset},
};

// Which calls can give a field this value; an empty one: any at all.
struct ValueRow {
  absl::string_view field;
  absl::string_view value;
  unsigned calls;
};
constexpr ValueRow kValues[] = {
    {"audit.arg", "", kExec},
    {"audit.name", "", kWithPath},
    {"audit.nametype", "", kWithPath & ~kMount},
    {"audit.nametype", "DELETE", kRemove | kRename},
    {"audit.nametype", "CREATE", kOpen | kRename | kMake},
    {"audit.nametype", "NORMAL", kExec | kOpen | kChange},
    {"audit.type", "EXECVE", kExec},
    {"audit.type", "PATH", kWithPath},
    {"audit.type", "CWD", kWithPath},
    {"audit.type", "SOCKADDR", kSocket},
    {"audit.type", "KERN_MODULE", kModule},
    {"audit.type", "MMAP", kMemory},
    {"audit.type", "BPF", kBpf},
    {"audit.type", "CAPSET", kCapset},
};
// Every call has these.
constexpr absl::string_view kEveryCalls[] = {"SYSCALL", "PROCTITLE"};

EventTypes TypesOf(unsigned calls) {
  EventTypes types{.all_but = false};
  for (const CallRow& row : kCalls) {
    if ((row.set & calls) != 0) types.names.emplace(row.name);
  }
  return types;
}

bool IsEveryCalls(absl::string_view value) {
  return std::any_of(std::begin(kEveryCalls), std::end(kEveryCalls),
                     [value](absl::string_view each) {
                       return absl::EqualsIgnoreCase(each, value);
                     });
}

// A field that is equal to none of the values that it can have holds never.
EventTypes OfValue(absl::string_view field, absl::string_view value) {
  if (field == "audit.type" && IsEveryCalls(value)) return EventTypes::All();
  unsigned calls = 0;
  for (const ValueRow& row : kValues) {
    const bool fits = !row.value.empty() && row.field == field &&
                      absl::EqualsIgnoreCase(row.value, value);
    if (fits) calls |= row.calls;
  }
  return TypesOf(calls);
}

bool HasKnownValues(absl::string_view field) {
  return std::any_of(std::begin(kValues), std::end(kValues),
                     [field](const ValueRow& row) {
                       return row.field == field && !row.value.empty();
                     });
}

// Whether it holds when the field has one of the values on the right.
bool IsOneOfLiterals(const Expression& comparison) {
  return comparison.op == Operator::kEqualIgnoringCase &&
         NeedsValue(comparison) && AreLiterals(comparison.right);
}

}  // namespace

EventTypes OfAuditComparison(const Expression& comparison) {
  const Operand& left = comparison.left;
  if (left.kind != Operand::Kind::kField || !NeedsValue(comparison)) {
    return EventTypes::All();
  }
  const absl::string_view field =
      absl::string_view(left.text).substr(0, left.text.find('['));
  if (IsOneOfLiterals(comparison) && HasKnownValues(field)) {
    EventTypes any{.all_but = false};
    for (const Operand& value : comparison.right) {
      any = Or(any, OfValue(field, value.text));
    }
    any.exact = false;
    return any;
  }
  for (const ValueRow& row : kValues) {
    if (row.value.empty() && row.field == field) return TypesOf(row.calls);
  }
  return EventTypes::All();
}

}  // namespace gatewatch::detection
