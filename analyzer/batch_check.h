#ifndef GATEWATCH_ANALYZER_BATCH_CHECK_H_
#define GATEWATCH_ANALYZER_BATCH_CHECK_H_

#include <cstddef>

#include "absl/status/status.h"
#include "gatewatch/v1/ingest.pb.h"

namespace gatewatch::analyzer {

// What a peer may send; all of it must also fit one answer of gRPC's default
// size (4 MiB) when it is queried.
constexpr size_t kMaxBatchBytes = 4 << 20;
constexpr size_t kMaxEventBytes = 512 << 10;
constexpr size_t kMaxProcessBytes = 512 << 10;
constexpr size_t kMaxHelloBytes = 256 << 10;
constexpr int kMaxEvents = 65'536;
constexpr int kMaxProcesses = 65'536;
constexpr int kMaxContainers = 1'024;
constexpr size_t kMaxContainerBytes = 64 << 10;
constexpr size_t kMaxAgentIdBytes = 256;
constexpr size_t kMaxKeyBytes = 64;

// Whether a stream may begin like this. INVALID_ARGUMENT says what is wrong.
absl::Status CheckHello(const v1::Hello& hello);

// Whether a batch is one: consecutive sequence numbers from 1, every process
// that acts present, everything of bearable size. INVALID_ARGUMENT says what
// is wrong; RESOURCE_EXHAUSTED: larger than kMaxBatchBytes.
absl::Status CheckBatch(const v1::Batch& batch);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_BATCH_CHECK_H_
