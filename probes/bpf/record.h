#ifndef GATEWATCH_PROBES_BPF_RECORD_H_
#define GATEWATCH_PROBES_BPF_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "probes/bpf/abi.h"
#include "probes/observation.h"
#include "probes/syscalls/remote_memory.h"

namespace gatewatch::probes {

// One record of the BPF programs, checked. Refers to the bytes that it was
// parsed from.
struct Record {
  struct Section {
    gw_section head;
    absl::string_view bytes;
  };

  gw_record head;
  std::vector<Section> sections;

  // The first section of that kind about that subject; null: none.
  const Section* Find(gw_section_kind kind, int subject) const;
};

// InvalidArgument when the sections do not add up to the record.
absl::StatusOr<Record> ParseRecord(absl::string_view bytes);

// A path as its process knows it; empty when none was captured.
std::string RecordedPath(const Record& record, int subject);

// What /proc would give as the link of a descriptor or of the executable;
// empty when it was not captured.
std::string RecordedLink(const Record& record, int subject);

std::optional<gw_file> RecordedFile(const Record& record, int subject);
std::optional<Socket> RecordedSocket(const Record& record, int subject);
Descriptor RecordedDescriptor(const Record& record, int subject);
Executable RecordedExecutable(const Record& record);

// A device number as stat(2) has it, from the kernel's own form.
uint64_t UserDevice(uint32_t kernel_device);

// Who made the record. The image (executable, arguments, working directory)
// is not in every record, and left empty; nor are, in that of a call, the
// group, session, terminal and namespaces.
ProcessSnapshot RecordedProcess(const gw_task& task);

// The memory of a process as far as a record holds it. Reading what it does
// not hold is an Internal error, as if nothing were mapped there. The record
// must outlive it.
class RecordedMemory : public RemoteMemory {
 public:
  explicit RecordedMemory(const Record& record) : record_(record) {}
  absl::StatusOr<size_t> Read(RemoteAddress address, void* into,
                              size_t size) const override;

 private:
  const Record& record_;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_BPF_RECORD_H_
