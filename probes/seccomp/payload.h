#ifndef GATEWATCH_PROBES_SECCOMP_PAYLOAD_H_
#define GATEWATCH_PROBES_SECCOMP_PAYLOAD_H_

// The code that an injection runs inside a process. It is copied there and
// linked with nothing: position independent, no library, no stack of the
// process's own, no registers but those it restores.
//
// There are two parts. The entry lies in unused bytes of the vDSO. It maps
// memory, waits a moment for the injector to fill it, and at the end unmaps
// it and restores every register. The stage lies in that memory and does the
// work. From the moment that the process is made to run the entry, neither
// needs the injector: should it be killed at any point, the process comes back
// to where it was.

#include <cstddef>

#include "absl/strings/string_view.h"
#include "probes/seccomp/payload_data.h"

namespace gatewatch::probes {

// The entry's bytes, an EntryContext to be filled in at `context_offset`, and
// its second half at `resume_offset`.
struct PayloadEntry {
  absl::string_view code;
  size_t context_offset;
  size_t resume_offset;
};
PayloadEntry GetPayloadEntry();

// The stage's bytes, to be entered at `start_offset` with the address of the
// PayloadData as first argument. Empty where the architecture has none.
struct PayloadStage {
  absl::string_view code;
  size_t start_offset;
};
PayloadStage GetPayloadStage();

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SECCOMP_PAYLOAD_H_
