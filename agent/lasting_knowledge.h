#ifndef GATEWATCH_AGENT_LASTING_KNOWLEDGE_H_
#define GATEWATCH_AGENT_LASTING_KNOWLEDGE_H_

#include "probes/observation.h"

namespace gatewatch::agent {

// Whether the file's content may be another afterwards.
bool OpensForWriting(const probes::FileOpened& opened);

// Whether an observation adds to what later events are understood by: which
// processes there are, who wrote which file, which name an address has. Such
// a one has to reach the Enricher even when its event is not wanted.
bool AddsToKnowledge(const probes::Observation& observation);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_LASTING_KNOWLEDGE_H_
