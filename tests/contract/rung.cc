#include "tests/contract/rung.h"

namespace gatewatch::testing {

const std::vector<Rung>& AllRungs() {
  static const auto* const rungs = new std::vector<Rung>{
      BpfRung(),         AttachRung(),          OtherUserAttachRung(),
      LaunchRung(),      OtherUserLaunchRung(), PtraceLaunchRung(),
      PtraceAttachRung()};
  return *rungs;
}

}  // namespace gatewatch::testing
