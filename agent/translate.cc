#include "agent/translate.h"

#include <map>

#include "agent/translate_enums.h"
#include "base/syscall_kind.h"

namespace gatewatch::agent {
namespace {

v1::Outcome::Status ToProto(probes::OutcomeStatus status) {
  switch (status) {
    case probes::OutcomeStatus::kUnknown:
      return v1::Outcome::STATUS_UNKNOWN;
    case probes::OutcomeStatus::kSucceeded:
      return v1::Outcome::STATUS_SUCCEEDED;
    case probes::OutcomeStatus::kFailed:
      return v1::Outcome::STATUS_FAILED;
  }
  return v1::Outcome::STATUS_UNKNOWN;
}

v1::Descriptor::Kind ToProto(probes::DescriptorKind kind) {
  using probes::DescriptorKind;
  switch (kind) {
    case DescriptorKind::kUnknown:
      return v1::Descriptor::KIND_UNKNOWN;
    case DescriptorKind::kClosed:
      return v1::Descriptor::KIND_CLOSED;
    case DescriptorKind::kFile:
      return v1::Descriptor::KIND_FILE;
    case DescriptorKind::kDirectory:
      return v1::Descriptor::KIND_DIRECTORY;
    case DescriptorKind::kPipe:
      return v1::Descriptor::KIND_PIPE;
    case DescriptorKind::kSocket:
      return v1::Descriptor::KIND_SOCKET;
    case DescriptorKind::kTerminal:
      return v1::Descriptor::KIND_TERMINAL;
    case DescriptorKind::kDevice:
      return v1::Descriptor::KIND_DEVICE;
    case DescriptorKind::kMemory:
      return v1::Descriptor::KIND_MEMORY;
    case DescriptorKind::kAnonymous:
      return v1::Descriptor::KIND_ANONYMOUS;
  }
  return v1::Descriptor::KIND_UNKNOWN;
}

v1::File::Kind ToProto(probes::FileKind kind) {
  using probes::FileKind;
  switch (kind) {
    case FileKind::kUnknown:
      return v1::File::KIND_UNKNOWN;
    case FileKind::kRegular:
      return v1::File::KIND_REGULAR;
    case FileKind::kDirectory:
      return v1::File::KIND_DIRECTORY;
    case FileKind::kSymlink:
      return v1::File::KIND_SYMLINK;
    case FileKind::kCharacterDevice:
      return v1::File::KIND_CHARACTER_DEVICE;
    case FileKind::kBlockDevice:
      return v1::File::KIND_BLOCK_DEVICE;
    case FileKind::kFifo:
      return v1::File::KIND_FIFO;
    case FileKind::kSocket:
      return v1::File::KIND_SOCKET;
  }
  return v1::File::KIND_UNKNOWN;
}

v1::Loss::Reason ToProto(probes::LossReason reason) {
  switch (reason) {
    case probes::LossReason::kQueueFull:
      return v1::Loss::REASON_BUFFER_FULL;
    case probes::LossReason::kObserverAbsent:
      return v1::Loss::REASON_AGENT_ABSENT;
    case probes::LossReason::kProcessGone:
      return v1::Loss::REASON_PROCESS_GONE;
    case probes::LossReason::kUnreadable:
      return v1::Loss::REASON_UNREADABLE;
    case probes::LossReason::kThrottled:
      return v1::Loss::REASON_THROTTLED;
    case probes::LossReason::kLetGo:
      return v1::Loss::REASON_LET_GO;
  }
  return v1::Loss::REASON_UNSPECIFIED;
}

v1::Address ToProto(const probes::Address& address) {
  v1::Address result;
  result.set_ip(address.ip);
  result.set_port(address.port);
  result.set_path(address.path);
  return result;
}

}  // namespace

v1::Outcome ToProto(const probes::Outcome& outcome) {
  v1::Outcome result;
  result.set_status(ToProto(outcome.status));
  result.set_error(outcome.error);
  result.set_return_value(outcome.return_value);
  return result;
}

v1::Executable ToProto(const probes::Executable& executable) {
  v1::Executable result;
  result.set_path(executable.path);
  result.set_inode(executable.inode);
  result.set_device(executable.device);
  result.set_in_memory(executable.in_memory);
  result.set_deleted(executable.deleted);
  result.set_modify_time_ns(executable.modify_time_ns);
  result.set_change_time_ns(executable.change_time_ns);
  return result;
}

v1::Credentials ToProto(const probes::Credentials& credentials) {
  v1::Credentials result;
  result.set_uid(credentials.uid);
  result.set_effective_uid(credentials.effective_uid);
  result.set_saved_uid(credentials.saved_uid);
  result.set_gid(credentials.gid);
  result.set_effective_gid(credentials.effective_gid);
  result.set_saved_gid(credentials.saved_gid);
  result.set_effective_capabilities(credentials.effective_capabilities);
  result.set_permitted_capabilities(credentials.permitted_capabilities);
  result.set_login_uid(credentials.login_uid);
  return result;
}

v1::Descriptor ToProto(const probes::Descriptor& descriptor) {
  v1::Descriptor result;
  result.set_kind(ToProto(descriptor.kind));
  result.set_path(descriptor.path);
  if (descriptor.socket) *result.mutable_socket() = ToProto(*descriptor.socket);
  return result;
}

v1::Socket ToProto(const probes::Socket& socket) {
  v1::Socket result;
  result.set_family(socket.family);
  result.set_type(socket.type);
  result.set_protocol(socket.protocol);
  *result.mutable_local() = ToProto(socket.local);
  *result.mutable_remote() = ToProto(socket.remote);
  return result;
}

v1::File ToProto(const probes::File& file) {
  v1::File result;
  result.set_path(file.path);
  result.set_resolved_path(file.resolved_path);
  result.set_raw_path(file.raw_path);
  result.set_kind(ToProto(file.kind));
  result.set_inode(file.inode);
  result.set_device(file.device);
  return result;
}

v1::CredentialChange ToProto(const probes::CredentialsRequested& request) {
  v1::CredentialChange result;
  if (request.uid) result.set_uid(*request.uid);
  if (request.effective_uid) result.set_effective_uid(*request.effective_uid);
  if (request.saved_uid) result.set_saved_uid(*request.saved_uid);
  if (request.gid) result.set_gid(*request.gid);
  if (request.effective_gid) result.set_effective_gid(*request.effective_gid);
  if (request.saved_gid) result.set_saved_gid(*request.saved_gid);
  if (request.file_system_uid) {
    result.set_file_system_uid(*request.file_system_uid);
  }
  if (request.file_system_gid) {
    result.set_file_system_gid(*request.file_system_gid);
  }
  result.mutable_groups()->Assign(request.groups.begin(), request.groups.end());
  if (request.capabilities) {
    v1::CapabilitySets& sets = *result.mutable_capabilities();
    sets.set_effective(request.capabilities->effective);
    sets.set_permitted(request.capabilities->permitted);
    sets.set_inheritable(request.capabilities->inheritable);
  }
  return result;
}

v1::ProcessExit ToProto(const probes::ProcessExited& exit) {
  v1::ProcessExit result;
  result.set_code_known(exit.code.has_value());
  result.set_code(exit.code.value_or(0));
  result.set_signal(exit.signal);
  return result;
}

v1::ProcessAccess ToProto(const probes::ProcessAccessed& accessed) {
  v1::ProcessAccess result;
  result.set_request(accessed.request);
  result.set_target_pid(accessed.target);
  result.set_method(ToProto(accessed.method));
  return result;
}

v1::SignalSend ToProto(const probes::SignalSent& sent) {
  v1::SignalSend result;
  result.set_signal(sent.signal);
  result.set_target_pid(sent.target);
  return result;
}

v1::NamespaceChange ToProto(const probes::NamespaceChanged& changed) {
  v1::NamespaceChange result;
  result.set_namespaces(changed.namespaces);
  result.set_path(changed.path);
  result.set_target_pid(changed.target);
  return result;
}

v1::MountChange ToProto(const probes::MountChanged& changed) {
  v1::MountChange result;
  result.set_operation(ToProto(changed.operation));
  result.set_source(changed.source);
  if (!changed.target.path.empty()) {
    *result.mutable_target() = ToProto(changed.target);
  }
  result.set_file_system(changed.file_system);
  result.set_flags(changed.flags);
  return result;
}

v1::KernelInterface ToProto(const probes::KernelInterfaceUsed& used) {
  v1::KernelInterface result;
  result.set_interface(ToProto(used.interface));
  result.set_command(used.command);
  result.set_name(used.name);
  result.set_flags(used.flags);
  return result;
}

v1::ExecutableMemory ToProto(const probes::MemoryMadeExecutable& made) {
  v1::ExecutableMemory result;
  result.set_address(made.address);
  result.set_length(made.length);
  result.set_protection(made.protection);
  result.set_flags(made.flags);
  result.set_path(made.path);
  return result;
}

v1::MemoryFile ToProto(const probes::MemoryFileCreated& created) {
  v1::MemoryFile result;
  result.set_name(created.name);
  result.set_flags(created.flags);
  return result;
}

v1::DescriptorDup ToProto(const probes::DescriptorDuplicated& duplicated) {
  v1::DescriptorDup result;
  result.set_old_fd(duplicated.old_fd);
  result.set_new_fd(duplicated.new_fd);
  *result.mutable_refers_to() = ToProto(duplicated.descriptor);
  return result;
}

v1::FileOpen ToProto(const probes::FileOpened& opened) {
  v1::FileOpen result;
  *result.mutable_file() = ToProto(opened.file);
  result.set_flags(opened.flags);
  result.set_mode(opened.mode);
  result.set_creates(opened.creates);
  return result;
}

v1::FileChange ToProto(const probes::FileChanged& changed) {
  v1::FileChange result;
  result.set_operation(ToProto(changed.operation));
  *result.mutable_file() = ToProto(changed.file);
  if (!changed.target.path.empty() || !changed.target.raw_path.empty()) {
    *result.mutable_target() = ToProto(changed.target);
  }
  result.set_mode(changed.mode);
  result.set_uid(changed.uid);
  result.set_gid(changed.gid);
  result.set_flags(changed.flags);
  result.set_length(changed.length);
  result.set_node_device(changed.node_device);
  result.set_attribute(changed.attribute);
  return result;
}

v1::SocketCall ToProto(const probes::SocketCalled& called) {
  v1::SocketCall result;
  *result.mutable_socket() = ToProto(called.socket);
  result.set_fd(called.fd);
  return result;
}

v1::DnsMessage ToProto(const probes::DnsMessage& message) {
  v1::DnsMessage result;
  result.set_response(message.response);
  result.set_solicited(message.solicited);
  result.set_id(message.id);
  result.set_opcode(message.opcode);
  result.set_rcode(message.rcode);
  for (const probes::DnsQuestion& question : message.questions) {
    v1::DnsQuestion& entry = *result.add_questions();
    entry.set_name(question.name);
    entry.set_type(question.type);
    entry.set_record_class(question.record_class);
  }
  for (const probes::DnsRecord& record : message.answers) {
    v1::DnsRecord& entry = *result.add_answers();
    entry.set_name(record.name);
    entry.set_type(record.type);
    entry.set_ttl(record.ttl);
    entry.set_size(record.size);
    entry.set_ip(record.ip);
    entry.set_text(record.text);
  }
  *result.mutable_socket() = ToProto(message.socket);
  return result;
}

v1::Loss ToProto(const probes::ObservationsLost& lost) {
  std::map<absl::string_view, uint64_t> by_kind;
  for (const auto& [syscall, count] : lost.counts) {
    by_kind[KindOfSyscall(syscall)] += count;
  }
  if (by_kind.empty()) by_kind["unknown"] = 0;  // some, nobody knows how many
  v1::Loss result;
  result.set_reason(ToProto(lost.reason));
  for (const auto& [kind, count] : by_kind) {
    v1::Loss::Count& entry = *result.add_counts();
    entry.set_kind(kind.data(), kind.size());
    entry.set_count(count);
  }
  result.set_since_ns(lost.since_ns);
  result.set_until_ns(lost.until_ns);
  return result;
}

v1::Coverage ToProto(const std::vector<probes::RungChoice>& choices) {
  v1::Coverage result;
  for (const probes::RungChoice& choice : choices) {
    v1::Coverage::Kind& kind = *result.add_kinds();
    kind.set_kind(choice.kind);
    kind.set_method(choice.rung);
    kind.set_reason(choice.reason);
  }
  return result;
}

bool AddBounded(std::vector<std::string> texts, size_t max_bytes,
                google::protobuf::RepeatedPtrField<std::string>& out) {
  constexpr int kMaxTexts = 1024;
  size_t left = max_bytes;
  for (std::string& text : texts) {
    if (left == 0 || out.size() >= kMaxTexts) return true;
    const bool cut = text.size() > left;
    if (cut) text.resize(left);
    left -= text.size();
    *out.Add() = std::move(text);
    if (cut) return true;
  }
  return false;
}

}  // namespace gatewatch::agent
