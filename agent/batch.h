#ifndef GATEWATCH_AGENT_BATCH_H_
#define GATEWATCH_AGENT_BATCH_H_

#include "agent/container_identity.h"
#include "agent/event_buffer.h"
#include "gatewatch/v1/ingest.pb.h"

namespace gatewatch::agent {

// The events of `slice` as a batch that is understood alone: with every
// process they refer to, those processes' ancestors, and the containers. Ends
// early where the batch would grow beyond `max_bytes`, but holds at least one
// event.
v1::Batch MakeBatch(const EventBuffer::Slice& slice, size_t max_bytes,
                    const ContainerIdentity& identity);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_BATCH_H_
