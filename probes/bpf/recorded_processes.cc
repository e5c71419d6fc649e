#include "probes/bpf/recorded_processes.h"

#include <sys/wait.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "probes/procfs/parsers.h"

namespace gatewatch::probes {
namespace {

constexpr size_t kProcessLimit = 65536;
constexpr int kAncestorLimit = 16;
constexpr size_t kCgroupLimit = 8192;

ProcessExited ExitOf(int64_t result) {
  const int status = static_cast<int>(result);
  ProcessExited exited;
  if (WIFSIGNALED(status)) {
    exited.signal = WTERMSIG(status);
  } else {
    exited.code = WEXITSTATUS(status);
  }
  return exited;
}

std::vector<std::string> StringsOf(const Record& record, gw_section_kind kind,
                                   bool& truncated) {
  const Record::Section* section = record.Find(kind, GW_EXECUTABLE);
  if (section == nullptr) return {};
  truncated |= section->head.address > section->bytes.size();
  return SplitAtNul(section->bytes);
}

// What an exec replaces.
void TakeImage(const Record& record, ProcessSnapshot& snapshot) {
  const ProcessSnapshot now = RecordedProcess(record.head.task);
  snapshot.name = now.name;
  snapshot.credentials = now.credentials;
  snapshot.process_group = now.process_group;
  snapshot.session = now.session;
  snapshot.tty = now.tty;
  snapshot.mount_namespace = now.mount_namespace;
  snapshot.executable = RecordedExecutable(record);
  snapshot.working_directory = RecordedPath(record, GW_WORKING_DIRECTORY);
  snapshot.arguments_truncated = false;
  snapshot.arguments =
      StringsOf(record, GW_ARGUMENTS, snapshot.arguments_truncated);
}

}  // namespace

RecordedProcesses::RecordedProcesses(const ProcReader& proc, uint64_t began_ns,
                                     std::function<void(Observation)> emit)
    : proc_(proc), began_ns_(began_ns), emit_(std::move(emit)) {}

void RecordedProcesses::Emit(const ProcessId& process, pid_t tid,
                             absl::string_view syscall, uint64_t time_ns,
                             Detail detail) {
  Observation observation;
  observation.time_ns = time_ns;
  observation.process = process;
  observation.tid = tid;
  observation.syscall = syscall;
  observation.outcome.status = OutcomeStatus::kSucceeded;
  observation.detail = std::move(detail);
  emit_(std::move(observation));
}

RecordedProcesses::Process* RecordedProcesses::Adopt(ProcessSnapshot snapshot,
                                                     bool inventory,
                                                     uint64_t time_ns,
                                                     int depth) {
  AdoptParent(snapshot.parent, time_ns, depth);
  if (processes_.size() >= kProcessLimit) return nullptr;
  const ProcessId id = snapshot.id;
  Process& process = processes_[id.pid];
  process = {std::move(snapshot)};
  Emit(id, id.pid, "clone", time_ns,
       ProcessStarted{process.snapshot, inventory});
  return &process;
}

void RecordedProcesses::AdoptParent(const ProcessId& parent, uint64_t time_ns,
                                    int depth) {
  if (parent.pid == 0 || depth >= kAncestorLimit) return;
  const auto known = processes_.find(parent.pid);
  if (known != processes_.end()) {
    if (known->second.snapshot.id == parent) return;
    End(parent.pid, {}, time_ns);
  }
  auto snapshot = proc_.Snapshot(parent.pid);
  if (!snapshot.ok() || snapshot->id != parent) return;
  if (const auto stat = proc_.Stat(snapshot->parent.pid); stat.ok()) {
    snapshot->parent.start_ticks = stat->start_ticks;
  }
  Adopt(*std::move(snapshot), /*inventory=*/true, time_ns, depth + 1);
}

RecordedProcesses::Process* RecordedProcesses::Find(const gw_task& task,
                                                    uint64_t time_ns) {
  ProcessSnapshot told = RecordedProcess(task);
  const auto known = processes_.find(told.id.pid);
  if (known != processes_.end()) {
    if (known->second.snapshot.id == told.id) return &known->second;
    End(told.id.pid, {}, time_ns);  // its own record was lost
  }
  // Only /proc tells the image of one that is not new.
  if (auto read = proc_.Snapshot(told.id.pid);
      read.ok() && read->id == told.id) {
    read->parent = told.parent;
    told = *std::move(read);
  }
  return Adopt(std::move(told), task.start_ns < began_ns_, time_ns, 0);
}

void RecordedProcesses::OnFork(const Record& record, uint64_t time_ns) {
  ProcessSnapshot child = RecordedProcess(record.head.task);
  AdoptParent(child.parent, time_ns, 0);
  if (processes_.contains(child.id.pid)) End(child.id.pid, {}, time_ns);
  const auto parent = processes_.find(child.parent.pid);
  if (parent != processes_.end()) {
    const ProcessSnapshot& image = parent->second.snapshot;
    child.executable = image.executable;
    child.arguments = image.arguments;
    child.arguments_truncated = image.arguments_truncated;
    child.working_directory = image.working_directory;
    child.cgroup = image.cgroup;
  }
  Adopt(std::move(child), /*inventory=*/false, time_ns, kAncestorLimit);
}

void RecordedProcesses::OnExec(const Record& record, uint64_t time_ns) {
  Process* process = Find(record.head.task, time_ns);
  if (process == nullptr) return;
  ProcessSnapshot& snapshot = process->snapshot;
  TakeImage(record, snapshot);
  ++process->state;
  // What starts a container moves it between its fork and its exec.
  if (auto cgroup = ReadFile(absl::StrCat("/proc/", snapshot.id.pid, "/cgroup"),
                             kCgroupLimit);
      cgroup.ok()) {
    snapshot.cgroup = *std::move(cgroup);
  }
  ProcessExeced execed;
  execed.confirmed = true;
  if (const auto* filename = record.Find(GW_FILENAME, GW_EXECUTABLE)) {
    execed.filename = std::string(filename->bytes);
  }
  execed.after = snapshot;
  bool cut = false;
  execed.after.environment = StringsOf(record, GW_ENVIRONMENT, cut);
  for (int fd = 0; fd < 3; ++fd) {
    execed.after.stdio[static_cast<size_t>(fd)] =
        RecordedDescriptor(record, GW_STDIN + fd);
  }
  Observation observation;
  observation.time_ns = time_ns;
  observation.process = snapshot.id;
  observation.tid = snapshot.id.pid;
  observation.syscall = "execve";
  observation.outcome.status = OutcomeStatus::kSucceeded;
  observation.truncated =
      cut || snapshot.arguments_truncated || record.head.truncated != 0;
  observation.detail = std::move(execed);
  emit_(std::move(observation));
}

void RecordedProcesses::OnExit(const Record& record, uint64_t time_ns) {
  const Process* process = Find(record.head.task, time_ns);
  if (process == nullptr) return;
  End(process->snapshot.id.pid, ExitOf(record.head.result), time_ns);
}

void RecordedProcesses::NoteCredentials(const gw_task& task, uint64_t time_ns) {
  Process* process = Find(task, time_ns);
  if (process == nullptr) return;
  const Credentials now = RecordedProcess(task).credentials;
  if (now == process->snapshot.credentials) return;
  process->snapshot.credentials = now;
  ++process->state;
  Emit(process->snapshot.id, static_cast<pid_t>(task.tid), "", time_ns,
       CredentialsChanged{now});
}

void RecordedProcesses::End(pid_t pid, ProcessExited exited, uint64_t time_ns) {
  const auto found = processes_.find(pid);
  const ProcessId id = found->second.snapshot.id;
  processes_.erase(found);
  Emit(id, id.pid, "procexit", time_ns, exited);
}

void RecordedProcesses::Sweep(uint64_t time_ns) {
  std::vector<pid_t> ended;
  for (const auto& [pid, process] : processes_) {
    const auto stat = proc_.Stat(pid);
    const bool same =
        stat.ok() && stat->start_ticks == process.snapshot.id.start_ticks;
    const bool unreaped = stat.ok() && stat->state == 'Z' && stat->threads <= 1;
    if (!same || unreaped) ended.push_back(pid);
  }
  for (const pid_t pid : ended) End(pid, {}, time_ns);
}

}  // namespace gatewatch::probes
