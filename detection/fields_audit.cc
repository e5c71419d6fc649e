// audit.*: an event as the records that auditd would have written of it, all
// of them as one.

#include <algorithm>

#include "detection/field.h"
#include "detection/presumed_outcome.h"

namespace gatewatch::detection {
namespace {

using v1::Event;
using v1::File;
using v1::FileChange;

void Text(absl::string_view text, Values& values) {
  if (!text.empty()) values.push_back(BorrowedText(text));
}

// What no system call stands behind has no records.
bool IsCall(const EventView& view) {
  constexpr absl::string_view kOthers[] = {"procexit", "dns", "agent", "json"};
  const std::string& type = view.event->syscall();
  return !type.empty() && std::find(std::begin(kOthers), std::end(kOthers),
                                    type) == std::end(kOthers);
}

void AddPath(const File& file, Values& values) { Text(file.path(), values); }

void Names(const EventView& view, const FieldArgument&, Values& values) {
  const Event& event = *view.event;
  if (event.has_process_exec()) Text(event.process_exec().filename(), values);
  if (event.has_file_open()) AddPath(event.file_open().file(), values);
  if (event.has_file_change()) {
    AddPath(event.file_change().file(), values);
    AddPath(event.file_change().target(), values);
  }
  if (event.has_mount_change()) AddPath(event.mount_change().target(), values);
}

void Types(const EventView& view, const FieldArgument& argument,
           Values& values) {
  if (!IsCall(view)) return;
  const Event& event = *view.event;
  const auto add = [&](absl::string_view type) { Text(type, values); };
  add("SYSCALL");
  add("PROCTITLE");
  if (event.has_process_exec()) add("EXECVE");
  if (event.has_socket_call()) add("SOCKADDR");
  if (event.has_kernel_interface()) {
    const auto interface = event.kernel_interface().interface();
    if (interface == v1::KernelInterface::INTERFACE_LOAD_MODULE ||
        interface == v1::KernelInterface::INTERFACE_UNLOAD_MODULE) {
      add("KERN_MODULE");
    }
    if (interface == v1::KernelInterface::INTERFACE_BPF) add("BPF");
  }
  if (event.has_memory_file() || event.has_executable_memory()) add("MMAP");
  if (event.credential_change().has_capabilities()) add("CAPSET");
  Values names;
  Names(view, argument, names);
  if (names.empty()) return;
  add("PATH");
  add("CWD");
}

void NameTypes(const EventView& view, const FieldArgument&, Values& values) {
  const Event& event = *view.event;
  if (event.has_process_exec()) return Text("NORMAL", values);
  if (event.has_file_open()) {
    return Text(event.file_open().creates() ? "CREATE" : "NORMAL", values);
  }
  if (!event.has_file_change()) return;
  switch (event.file_change().operation()) {
    case FileChange::OPERATION_UNLINK:
    case FileChange::OPERATION_RMDIR:
      return Text("DELETE", values);
    case FileChange::OPERATION_RENAME:
      Text("DELETE", values);
      return Text("CREATE", values);
    case FileChange::OPERATION_LINK:
    case FileChange::OPERATION_SYMLINK:
    case FileChange::OPERATION_MKDIR:
    case FileChange::OPERATION_MKNOD:
      return Text("CREATE", values);
    default:
      return Text("NORMAL", values);
  }
}

void Argument(const EventView& view, const FieldArgument& argument,
              Values& values) {
  if (view.process == nullptr || !view.event->has_process_exec()) return;
  const auto& arguments = view.process->arguments();
  if (!argument.given) {
    for (const std::string& each : arguments) {
      values.push_back(BorrowedText(each));
    }
  } else if (argument.index < static_cast<size_t>(arguments.size())) {
    values.push_back(BorrowedText(arguments[static_cast<int>(argument.index)]));
  }
}

void Success(const EventView& view, const FieldArgument&, Values& values) {
  const std::optional<CallResult> result = ResultOf(view);
  if (!result || !IsCall(view)) return;
  Text(result->value < 0 ? "no" : "yes", values);
  values.back().presumed = result->presumed;
}

void LoginUid(const EventView& view, const FieldArgument&, Values& values) {
  if (view.process == nullptr) return;
  values.push_back(NumberValue(view.process->credentials().login_uid()));
}

void Directory(const EventView& view, const FieldArgument&, Values& values) {
  if (view.process != nullptr) Text(view.process->working_directory(), values);
}

using enum ValueType;

constexpr FieldRow kFields[] = {
    {"audit.type", kText, Types, "SYSCALL, EXECVE, PATH …: all records of it"},
    {"audit.name", kText, Names, "the paths of its PATH records"},
    {"audit.nametype", kText, NameTypes, "NORMAL, CREATE or DELETE"},
    {"audit.arg", kText, Argument, "EXECVE: an argument, the first is 0",
     ArgumentKind::kIndex},
    {"audit.success", kText, Success, "yes or no"},
    {"audit.auid", kNumber, LoginUid, "audit user id, 4294967295: unset"},
    {"audit.cwd", kText, Directory, "working directory, without / at its end"},
};

}  // namespace

absl::Span<const FieldRow> AuditFields() { return kFields; }

}  // namespace gatewatch::detection
