#include "probes/bpf/bpf_program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "probes/bpf/capture_spec.h"
#include "probes/bpf/observe.skel.h"
#include "probes/syscalls/call_group.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {
namespace {

constexpr char kKernelTypes[] = "/sys/kernel/btf/vmlinux";
constexpr size_t kLogLimit = 4096;
constexpr uint32_t kWakeBytes = 1 << 20;  // of the ring buffer's 8 MiB

// What libbpf says while one of these exists, on this thread; it has one place
// for the whole program that such text goes to.
class LibbpfLog {
 public:
  LibbpfLog() {
    current_ = this;
    libbpf_set_print(&LibbpfLog::Append);
  }
  ~LibbpfLog() { current_ = nullptr; }
  LibbpfLog(const LibbpfLog&) = delete;
  LibbpfLog& operator=(const LibbpfLog&) = delete;

  // The end of it, where the reason is.
  std::string Tail() const {
    const size_t from = text_.size() > kLogLimit ? text_.size() - kLogLimit : 0;
    return text_.substr(from);
  }

 private:
  static int Append(libbpf_print_level level, const char* format,
                    va_list arguments) {
    if (current_ == nullptr || level == LIBBPF_DEBUG) return 0;
    char line[1024];
    vsnprintf(line, sizeof(line), format, arguments);
    current_->text_ += line;
    return 0;
  }

  static thread_local LibbpfLog* current_;
  std::string text_;
};

thread_local LibbpfLog* LibbpfLog::current_ = nullptr;

absl::Status Refusal(int error, absl::string_view what, const LibbpfLog& log) {
  const std::string text =
      absl::StrCat(what, ": ", strerror(error), "\n", log.Tail());
  return error == EPERM || error == EACCES
             ? absl::PermissionDeniedError(
                   absl::StrCat("CAP_BPF and CAP_PERFMON are needed: ", text))
             : absl::FailedPreconditionError(text);
}

absl::StatusOr<uint32_t> OwnPidNamespace() {
  struct stat status;
  if (::stat("/proc/self/ns/pid", &status) != 0) {
    return ErrnoStatus(errno, "/proc/self/ns/pid");
  }
  return static_cast<uint32_t>(status.st_ino);
}

void FillSpecs(gw_call_spec (&specs)[GW_CALLS]) {
  for (const SyscallRow& row : SyscallTable()) {
    const int number = row.number(NativeArchitecture());
    if (number >= 0 && number < GW_CALLS) specs[number] = CaptureSpecOf(row);
  }
}

}  // namespace

struct BpfProgram::Handles {
  ~Handles() {
    ring_buffer__free(ring);
    observe_bpf::destroy(skeleton);
  }

  observe_bpf* skeleton = nullptr;
  ring_buffer* ring = nullptr;
};

BpfProgram::BpfProgram(std::function<void(absl::string_view)> take)
    : take_(std::move(take)), handles_(std::make_unique<Handles>()) {}

BpfProgram::~BpfProgram() = default;

absl::StatusOr<std::unique_ptr<BpfProgram>> BpfProgram::Load(
    const BpfScope& scope, std::function<void(absl::string_view)> take) {
  if (::access(kKernelTypes, R_OK) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("the kernel does not describe its types: ", kKernelTypes,
                     ": ", strerror(errno)));
  }
  std::unique_ptr<BpfProgram> program(new BpfProgram(std::move(take)));
  GATEWATCH_RETURN_IF_ERROR(program->Start(scope));
  return program;
}

absl::Status BpfProgram::Start(const BpfScope& scope) {
  const LibbpfLog log;
  observe_bpf* skeleton = handles_->skeleton = observe_bpf::open();
  if (skeleton == nullptr) return Refusal(errno, "opening the programs", log);
  GATEWATCH_ASSIGN_OR_RETURN(const uint32_t own_namespace, OwnPidNamespace());
  skeleton->rodata->settings = {
      .observer_pid = static_cast<uint32_t>(::getpid()),
      .observer_namespace = own_namespace,
      .pid_namespace = static_cast<uint32_t>(scope.pid_namespace),
      .root_pid = static_cast<uint32_t>(scope.root_pid),
      .by_cgroup = scope.cgroup.empty() ? 0u : 1u,
      .wake_bytes = kWakeBytes,
  };
  FillSpecs(skeleton->rodata->calls);
  skeleton->bss->control.writing_flags = WritingFlags();
  if (const int error = observe_bpf::load(skeleton); error != 0) {
    return Refusal(-error, "loading the programs", log);
  }
  GATEWATCH_RETURN_IF_ERROR(FillMaps(scope));
  handles_->ring = ring_buffer__new(bpf_map__fd(skeleton->maps.records),
                                    &BpfProgram::TakeRecord, this, nullptr);
  if (handles_->ring == nullptr) return Refusal(errno, "the ring buffer", log);
  if (const int error = observe_bpf::attach(skeleton); error != 0) {
    return Refusal(-error, "attaching the programs", log);
  }
  return absl::OkStatus();
}

absl::Status BpfProgram::FillMaps(const BpfScope& scope) {
  const auto& maps = handles_->skeleton->maps;
  has_root_ = scope.root_pid != 0;
  if (has_root_) {
    const auto pid = static_cast<uint32_t>(scope.root_pid);
    const uint8_t one = 1;
    if (bpf_map_update_elem(bpf_map__fd(maps.descendants), &pid, &one,
                            BPF_ANY) != 0) {
      return ErrnoStatus(errno, "the root process");
    }
  }
  if (scope.cgroup.empty()) return absl::OkStatus();
  const UniqueFd folder(
      ::open(scope.cgroup.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const uint32_t zero = 0;
  const int fd = folder.get();
  if (fd < 0 || bpf_map_update_elem(bpf_map__fd(maps.cgroups), &zero, &fd,
                                    BPF_ANY) != 0) {
    return ErrnoStatus(errno, scope.cgroup);
  }
  return absl::OkStatus();
}

int BpfProgram::TakeRecord(void* self, void* bytes, size_t size) {
  static_cast<BpfProgram*>(self)->take_(
      {static_cast<const char*>(bytes), size});
  return 0;
}

void BpfProgram::Poll(absl::Duration wait) {
  const auto milliseconds = static_cast<int>(absl::ToInt64Milliseconds(wait));
  // The wait ends early only when the programs wake it; whether or not, there
  // may be records.
  ring_buffer__poll(handles_->ring, milliseconds);
  ring_buffer__consume(handles_->ring);
}

void BpfProgram::Detach() { observe_bpf::detach(handles_->skeleton); }

void BpfProgram::Limit(CaptureLevel level) {
  volatile auto& control = handles_->skeleton->bss->control;
  control.level = static_cast<uint32_t>(level);
}

void BpfProgram::Observe(absl::Span<const SyscallRow> rows) {
  std::array<uint8_t, GW_CALLS> unwanted;
  unwanted.fill(1);
  for (const SyscallRow& row : rows) {
    const int number = row.number(NativeArchitecture());
    if (number >= 0 && number < GW_CALLS) {
      unwanted[static_cast<size_t>(number)] = 0;
    }
  }
  volatile auto& control = handles_->skeleton->bss->control;
  std::copy(unwanted.begin(), unwanted.end(), std::begin(control.unwanted));
}

bool BpfProgram::RootIsGone() const {
  uint32_t first = 0;
  const int map = bpf_map__fd(handles_->skeleton->maps.descendants);
  return has_root_ && bpf_map_get_next_key(map, nullptr, &first) != 0;
}

BpfProgram::LostCounts BpfProgram::ReadLost() const {
  LostCounts counts;
  const volatile auto& lost = handles_->skeleton->bss->lost;
  std::copy(std::begin(lost), std::end(lost), counts.begin());
  return counts;
}

BpfProgram::CallCounts BpfProgram::ReadLeftOut() const {
  CallCounts counts;
  const volatile auto& left_out = handles_->skeleton->bss->left_out;
  std::copy(std::begin(left_out), std::end(left_out), counts.begin());
  return counts;
}

}  // namespace gatewatch::probes
