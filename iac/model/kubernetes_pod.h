#ifndef GATEWATCH_IAC_MODEL_KUBERNETES_POD_H_
#define GATEWATCH_IAC_MODEL_KUBERNETES_POD_H_

#include "iac/model/model.h"
#include "iac/model/value.h"

namespace gatewatch::iac {

// A pod or a pod's template: its metadata and its spec. `workload` holds what
// the object around it tells.
void ReadPod(const Value& metadata, const Value& spec, Workload& workload);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_KUBERNETES_POD_H_
