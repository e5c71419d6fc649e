#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/status.h"
#include "probes/bpf/record.h"
#include "probes/bpf/recorded_call.h"
#include "probes/bpf/recorded_processes.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {
namespace {

// All that is made of a record, whatever is in it.
void Consume(const Record& record) {
  for (int subject = 0; subject <= GW_STDERR; ++subject) {
    RecordedDescriptor(record, subject);
  }
  RecordedExecutable(record);
  const SyscallRow* row = FindSyscall(static_cast<int>(record.head.call));
  if (row == nullptr) return;
  auto located = LocateRecorded(*row, record);
  if (!located.ok()) return;
  GATEWATCH_CHECK(located->call.argv.size() <= kArgumentCountLimit);
  DescribeRecorded(*row, record, *std::move(located));
}

}  // namespace
}  // namespace gatewatch::probes

// The bytes are a record, but for its size and the pids in it, which would
// have real processes looked at.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatewatch::probes;  // NOLINT
  std::string bytes(reinterpret_cast<const char*>(data), size);
  gw_record head;
  if (bytes.size() < sizeof(head)) return 0;
  memcpy(&head, bytes.data(), sizeof(head));
  head.data_size = static_cast<__u32>(bytes.size() - sizeof(head));
  head.task.pid = head.task.tid = 0;
  memcpy(bytes.data(), &head, sizeof(head));
  const auto record = ParseRecord(bytes);
  if (!record.ok()) return 0;
  Consume(*record);
  const ProcReader no_proc("/nonexistent");
  RecordedProcesses processes(no_proc, 0, [](const Observation&) {});
  processes.OnFork(*record, 1);
  processes.OnExec(*record, 2);
  processes.NoteCredentials(record->head.task, 3);
  processes.OnExit(*record, 4);
  return 0;
}
