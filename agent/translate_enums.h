#ifndef GATEWATCH_AGENT_TRANSLATE_ENUMS_H_
#define GATEWATCH_AGENT_TRANSLATE_ENUMS_H_

#include "gatewatch/v1/event.pb.h"
#include "probes/observation.h"

namespace gatewatch::agent {

// Which of several things a call did, as the message that it becomes numbers
// them.
v1::FileChange::Operation ToProto(probes::FileOperation operation);
v1::ProcessAccess::Method ToProto(probes::AccessMethod method);
v1::MountChange::Operation ToProto(probes::MountOperation operation);
v1::KernelInterface::Interface ToProto(probes::KernelInterface interface);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_TRANSLATE_ENUMS_H_
