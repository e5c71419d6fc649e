#ifndef GATEWATCH_AGENT_EVENT_FACTS_H_
#define GATEWATCH_AGENT_EVENT_FACTS_H_

#include <sys/types.h>

#include "gatewatch/v1/event.pb.h"

namespace gatewatch::agent {

// What follows from an event alone.

// The process that the event reaches for, by its pid or through its folder in
// /proc; 0: none.
pid_t ReachedProcess(const v1::Event& event);

// Where a datagram leaves from, routing decides: that its socket takes what
// comes to any address says nothing of it, so such a local address is cleared.
void ClearWildcardSource(v1::Event& event);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_EVENT_FACTS_H_
