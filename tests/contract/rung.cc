#include "tests/contract/rung.h"

namespace gatewatch::testing {

const std::vector<Rung>& AllRungs() {
  static const auto* const rungs =
      new std::vector<Rung>{BpfRung(), AttachRung(), LaunchRung(),
                            PtraceLaunchRung(), PtraceAttachRung()};
  return *rungs;
}

}  // namespace gatewatch::testing
