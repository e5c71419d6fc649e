#include "agent/enricher.h"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/event_facts.h"
#include "agent/lasting_knowledge.h"
#include "agent/translate.h"
#include "base/clock.h"

namespace gatewatch::agent {
namespace {

// What is sent of an argument list and of an environment at most. Enough for
// any line that a person writes; a longer one is marked as cut.
constexpr size_t kMaxArgumentBytes = 16 << 10;
constexpr size_t kMaxEnvironmentBytes = 8 << 10;
constexpr size_t kWriters = 16384;
constexpr size_t kNames = 8192;
// Runtimes set up a container's files until shortly after the start that
// they report.
constexpr uint64_t kContainerSetUpNs = 100'000'000;

void SetRef(const Lineage& lineage, v1::ProcessRef& ref) {
  ref.set_key(lineage.process->key());
  ref.set_revision(lineage.process->revision());
}

void AddReferred(const LineagePtr& lineage, EnrichedEvent& out) {
  const auto& all = out.processes;
  if (std::find(all.begin(), all.end(), lineage) == all.end()) {
    out.processes.push_back(lineage);
  }
}

bool SameImage(const v1::Process& process,
               const probes::ProcessSnapshot& snapshot) {
  return process.has_executable() &&
         process.executable().path() == snapshot.executable.path &&
         process.executable().inode() == snapshot.executable.inode &&
         process.name() == snapshot.name;
}

bool Failed(const probes::Observation& observation) {
  return observation.outcome.status == probes::OutcomeStatus::kFailed;
}

}  // namespace

template <typename Message>
void Enricher::SetTarget(pid_t pid, Message& message, EnrichedEvent& out) {
  const LineagePtr target = pid > 0 ? tree_.FindByPid(pid) : nullptr;
  if (target == nullptr) return;
  SetRef(*target, *message.mutable_target());
  AddReferred(target, out);
}

Enricher::Enricher(Options options, ContainerIdentity& identity)
    : options_(std::move(options)),
      identity_(identity),
      redactor_(options_.redaction_salt),
      tree_(options_.tree),
      user_names_(options_.proc_root),
      hashes_({.proc_root = options_.proc_root}),
      writers_(kWriters),
      names_(kNames) {}

std::string Enricher::ContainerOf(const probes::ProcessId& process) {
  const LineagePtr known = tree_.Find(process);
  return known == nullptr ? "" : known->process->container_id();
}

std::optional<EnrichedEvent> Enricher::Enrich(
    const probes::Observation& observation) {
  EnrichedEvent out;
  v1::Event& event = out.event;
  event.set_time_ns(observation.time_ns);
  event.set_tid(observation.tid);
  event.set_syscall(observation.syscall.data(), observation.syscall.size());
  *event.mutable_outcome() = ToProto(observation.outcome);
  if (observation.count > 1) {
    event.set_count(observation.count);
    event.set_last_time_ns(observation.last_time_ns);
  }
  event.set_truncated(observation.truncated);
  const bool is_event = std::visit(
      [&](const auto& detail) { return Apply(observation, detail, out); },
      observation.detail);
  if (!is_event) return std::nullopt;
  if (!event.has_process()) SetPlace(observation.place, out);
  const pid_t reached = ReachedProcess(event);
  event.set_on_agent(reached > 0 && options_.is_own &&
                     options_.is_own(reached));
  return out;
}

bool Enricher::Apply(const Observation& from,
                     const probes::ProcessStarted& detail, EnrichedEvent& out) {
  const probes::ProcessSnapshot& process = detail.process;
  // The inventory and a probe may both come upon a process.
  if (const LineagePtr known = tree_.Find(from.process);
      known != nullptr && SameImage(*known->process, process)) {
    return false;
  }
  SetActor(tree_.Record(from.process, process.parent,
                        Describe(process, detail.inventory),
                        process.mount_namespace),
           out);
  out.event.mutable_process_start()->set_inventory(detail.inventory);
  return true;
}

bool Enricher::Apply(const Observation& from,
                     const probes::ProcessExeced& detail, EnrichedEvent& out) {
  const LineagePtr before = tree_.Find(from.process);
  v1::ProcessExec& exec = *out.event.mutable_process_exec();
  exec.set_filename(detail.filename);
  exec.set_confirmed(detail.confirmed);
  if (before != nullptr) {
    SetRef(*before, *exec.mutable_before());
    AddReferred(before, out);
  }
  const LineagePtr actor =
      Failed(from) ? Present(from.process)
                   : tree_.Record(from.process, detail.after.parent,
                                  Describe(detail.after, detail.confirmed),
                                  detail.after.mount_namespace);
  SetActor(actor, out);
  return true;
}

bool Enricher::Apply(const Observation& from,
                     const probes::CredentialsChanged& detail, EnrichedEvent&) {
  const LineagePtr before = Present(from.process);
  v1::Process after = *before->process;
  *after.mutable_credentials() = ToProto(detail.credentials);
  after.mutable_credentials()->set_user_name(
      user_names_.Find(from.process.pid, before->mount_namespace,
                       detail.credentials.effective_uid, MonotonicNanos()));
  tree_.Record(from.process, {}, std::move(after), before->mount_namespace);
  return false;
}

bool Enricher::Apply(const Observation& from,
                     const probes::ProcessExited& detail, EnrichedEvent& out) {
  SetActor(Present(from.process), out);
  *out.event.mutable_process_exit() = ToProto(detail);
  tree_.Exit(from.process);
  return true;
}

bool Enricher::Apply(const Observation& from,
                     const probes::CredentialsRequested& detail,
                     EnrichedEvent& out) {
  SetActor(Present(from.process), out);
  *out.event.mutable_credential_change() = ToProto(detail);
  return true;
}

bool Enricher::Apply(const Observation& from,
                     const probes::ProcessAccessed& detail,
                     EnrichedEvent& out) {
  SetActor(Present(from.process), out);
  v1::ProcessAccess& access = *out.event.mutable_process_access();
  access = ToProto(detail);
  SetTarget(detail.target, access, out);
  return true;
}

bool Enricher::Apply(const Observation& from, const probes::SignalSent& detail,
                     EnrichedEvent& out) {
  SetActor(Present(from.process), out);
  v1::SignalSend& send = *out.event.mutable_signal_send();
  send = ToProto(detail);
  SetTarget(detail.target, send, out);
  return true;
}

bool Enricher::Apply(const Observation& from,
                     const probes::NamespaceChanged& detail,
                     EnrichedEvent& out) {
  SetActor(Present(from.process), out);
  v1::NamespaceChange& change = *out.event.mutable_namespace_change();
  change = ToProto(detail);
  SetTarget(detail.target, change, out);
  return true;
}

bool Enricher::Apply(const Observation& from,
                     const probes::MountChanged& detail, EnrichedEvent& out) {
  SetActor(Present(from.process), out);
  *out.event.mutable_mount_change() = ToProto(detail);
  return true;
}

bool Enricher::Apply(const Observation& from,
                     const probes::KernelInterfaceUsed& detail,
                     EnrichedEvent& out) {
  SetActor(Present(from.process), out);
  *out.event.mutable_kernel_interface() = ToProto(detail);
  return true;
}

bool Enricher::Apply(const Observation& from,
                     const probes::MemoryMadeExecutable& detail,
                     EnrichedEvent& out) {
  SetActor(Present(from.process), out);
  *out.event.mutable_executable_memory() = ToProto(detail);
  return true;
}

bool Enricher::Apply(const Observation& from,
                     const probes::MemoryFileCreated& detail,
                     EnrichedEvent& out) {
  const LineagePtr actor = Present(from.process);
  SetActor(actor, out);
  *out.event.mutable_memory_file() = ToProto(detail);
  // As an executable's path names it.
  if (!Failed(from)) RecordWriter(*actor, absl::StrCat("/memfd:", detail.name));
  return true;
}

bool Enricher::Apply(const Observation& from,
                     const probes::DescriptorDuplicated& detail,
                     EnrichedEvent& out) {
  SetActor(Present(from.process), out);
  v1::DescriptorDup& dup = *out.event.mutable_descriptor_dup();
  dup = ToProto(detail);
  if (dup.refers_to().has_socket()) {
    AddName(from.time_ns, *dup.mutable_refers_to()->mutable_socket());
  }
  return true;
}

bool Enricher::Apply(const Observation& from, const probes::FileOpened& detail,
                     EnrichedEvent& out) {
  const LineagePtr actor = PresentIfAny(from.process);
  SetActor(actor, out);
  v1::FileOpen& open = *out.event.mutable_file_open();
  open = ToProto(detail);
  if (actor == nullptr || Failed(from)) return true;
  const probes::File& file = detail.file;
  const std::string& path =
      file.resolved_path.empty() ? file.path : file.resolved_path;
  if (OpensForWriting(detail)) {
    RecordWriter(*actor, path);
  } else if (const WriterMap::Writer* writer =
                 writers_.Find(actor->mount_namespace, path);
             writer != nullptr) {
    open.set_written_by(writer->name);
  }
  return true;
}

bool Enricher::Apply(const Observation& from, const probes::FileChanged& detail,
                     EnrichedEvent& out) {
  const LineagePtr actor = PresentIfAny(from.process);
  SetActor(actor, out);
  *out.event.mutable_file_change() = ToProto(detail);
  const bool new_name = detail.operation == probes::FileOperation::kRename ||
                        detail.operation == probes::FileOperation::kLink;
  if (actor != nullptr && new_name && !Failed(from)) {
    CarryWriter(*actor, detail.file.path, detail.target.path);
  }
  return true;
}

bool Enricher::Apply(const Observation& from,
                     const probes::SocketCalled& detail, EnrichedEvent& out) {
  SetActor(PresentIfAny(from.process), out);
  *out.event.mutable_socket_call() = ToProto(detail);
  ClearWildcardSource(out.event);
  AddName(from.time_ns, *out.event.mutable_socket_call()->mutable_socket());
  return true;
}

bool Enricher::Apply(const Observation& from, const probes::DnsMessage& detail,
                     EnrichedEvent& out) {
  names_.Learn(detail, from.time_ns);
  if (options_.only_known_dns && tree_.Find(from.process) == nullptr) {
    return false;
  }
  SetActor(PresentIfAny(from.process), out);
  *out.event.mutable_dns() = ToProto(detail);
  out.event.clear_outcome();  // an answer's is its rcode
  return true;
}

bool Enricher::Apply(const Observation&, const probes::ObservationsLost& detail,
                     EnrichedEvent& out) {
  out.event.set_syscall("agent");
  out.event.clear_outcome();
  *out.event.mutable_loss() = ToProto(detail);
  return true;
}

LineagePtr Enricher::Present(const probes::ProcessId& id) {
  if (LineagePtr known = tree_.Find(id); known != nullptr) return known;
  return tree_.Record(id, {}, v1::Process(), 0);
}

LineagePtr Enricher::PresentIfAny(const probes::ProcessId& id) {
  return id.pid == 0 ? nullptr : Present(id);
}

void Enricher::AddName(uint64_t time_ns, v1::Socket& socket) const {
  const std::string* name = names_.Find(socket.remote().ip(), time_ns);
  if (name != nullptr) socket.mutable_remote()->set_name(*name);
}

void Enricher::SetActor(const LineagePtr& actor, EnrichedEvent& out) {
  if (actor == nullptr) return;
  SetRef(*actor, *out.event.mutable_process());
  AddReferred(actor, out);
}

void Enricher::SetPlace(const probes::ProcessId& place, EnrichedEvent& out) {
  const LineagePtr there = tree_.Find(place);
  if (there != nullptr) {
    out.event.set_container_id(there->process->container_id());
  }
}

v1::Process Enricher::Describe(const probes::ProcessSnapshot& snapshot,
                               bool reads) {
  const v1::Container container =
      identity_.Find(identity_.ContainerOf(snapshot.cgroup));
  v1::Process process;
  process.set_namespace_pid(snapshot.namespace_pid);
  process.set_process_group(snapshot.process_group);
  process.set_session(snapshot.session);
  process.set_tty(snapshot.tty);
  process.set_name(snapshot.name);
  *process.mutable_executable() = ToProto(snapshot.executable);
  process.mutable_executable()->set_sha256(
      reads ? hashes_.Of(snapshot, MonotonicNanos())
            : hashes_.Known(snapshot.executable));
  AddOrigin(snapshot.mount_namespace, container, *process.mutable_executable());
  // What the image brings was there before its container was.
  process.mutable_executable()->set_upper_layer(
      snapshot.executable.on_overlay &&
      process.executable().newer_than_container());
  const bool cut = AddBounded(redactor_.Arguments(snapshot.arguments),
                              kMaxArgumentBytes, *process.mutable_arguments());
  process.set_arguments_truncated(cut || snapshot.arguments_truncated);
  AddBounded(redactor_.Environment(snapshot.environment), kMaxEnvironmentBytes,
             *process.mutable_environment());
  process.set_working_directory(snapshot.working_directory);
  *process.mutable_credentials() = ToProto(snapshot.credentials);
  process.mutable_credentials()->set_user_name(
      user_names_.Find(snapshot.id.pid, snapshot.mount_namespace,
                       snapshot.credentials.effective_uid, MonotonicNanos()));
  const bool stdio_known = std::any_of(
      snapshot.stdio.begin(), snapshot.stdio.end(),
      [](const auto& d) { return d.kind != probes::DescriptorKind::kUnknown; });
  for (const probes::Descriptor& descriptor : snapshot.stdio) {
    if (stdio_known) *process.add_stdio() = ToProto(descriptor);
  }
  process.set_container_id(container.id());
  process.set_of_agent(options_.own.Contains(snapshot));
  return process;
}

void Enricher::AddOrigin(uint64_t mount_namespace,
                         const v1::Container& container,
                         v1::Executable& executable) {
  const uint64_t start = container.start_time_ns() > 0
                             ? container.start_time_ns() + kContainerSetUpNs
                             : options_.started_ns;
  executable.set_newer_than_container(executable.modify_time_ns() > start ||
                                      executable.change_time_ns() > start);
  const WriterMap::Writer* writer =
      writers_.Find(mount_namespace, executable.path());
  if (writer == nullptr) return;
  executable.set_written_by(writer->name);
  *executable.mutable_writer() = writer->process;
}

void Enricher::CarryWriter(const Lineage& actor, const std::string& from,
                           const std::string& to) {
  const WriterMap::Writer* known = writers_.Find(actor.mount_namespace, from);
  if (known == nullptr) return RecordWriter(actor, to);
  writers_.Record(actor.mount_namespace, to, WriterMap::Writer(*known));
}

void Enricher::RecordWriter(const Lineage& writer, const std::string& path) {
  if (path.empty()) return;
  WriterMap::Writer entry;
  SetRef(writer, entry.process);
  entry.name = writer.process->name();
  writers_.Record(writer.mount_namespace, path, std::move(entry));
}

}  // namespace gatewatch::agent
