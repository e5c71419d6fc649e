#ifndef GATEWATCH_AGENT_AGENT_ID_H_
#define GATEWATCH_AGENT_AGENT_ID_H_

#include <string>
#include <vector>

namespace gatewatch::agent {

// As whom an agent reports whose certificate bears these URIs, and whose place
// calls it `own`: "ecs/TASK", "pod/NAMESPACE/NAME", a host's name.
//
//   no certificate of an agent           own
//   gatewatch://agent/NAME               NAME
//   gatewatch://agent/PREFIX*            PREFIX and own; own alone where that
//                                        begins with PREFIX
std::string AgentIdFor(const std::vector<std::string>& uris,
                       const std::string& own);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_AGENT_ID_H_
