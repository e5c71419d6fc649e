#ifndef GATEWATCH_PROBES_CAPTURE_LEVEL_H_
#define GATEWATCH_PROBES_CAPTURE_LEVEL_H_

#include <cstdint>

namespace gatewatch::probes {

// How much is captured. Each level leaves out what the one before does, and
// one group of calls more: first what is most frequent and tells least.
enum class CaptureLevel : uint8_t {
  kAll,
  kNoFileReads,
  kNoFiles,
  kNoNetwork,
  kVital,  // exec, exit and credentials alone
};

// Calls that are left out together, in that order.
enum class CallGroup : uint8_t { kFileRead, kFile, kNetwork, kOther, kVital };

constexpr bool IsLeftOut(CallGroup group, CaptureLevel level) {
  return static_cast<uint8_t>(group) < static_cast<uint8_t>(level);
}

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_CAPTURE_LEVEL_H_
