#ifndef GATEWATCH_ANALYZER_LOSS_BATCH_H_
#define GATEWATCH_ANALYZER_LOSS_BATCH_H_

#include <cstdint>

#include "gatewatch/v1/event.pb.h"
#include "gatewatch/v1/ingest.pb.h"

namespace gatewatch::analyzer {

// A loss of events of any kind. `count` 0: how many is not known.
v1::Loss LossOf(v1::Loss::Reason reason, uint64_t count, uint64_t since_ns,
                uint64_t until_ns);

// A batch with an event of the analyzer's own for an agent's stream. The
// number must be one that the agent does not use any more.
v1::Batch LossBatch(const v1::Loss& loss, uint64_t sequence);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_LOSS_BATCH_H_
