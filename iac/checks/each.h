#ifndef GATEWATCH_IAC_CHECKS_EACH_H_
#define GATEWATCH_IAC_CHECKS_EACH_H_

#include "iac/model/model.h"

namespace gatewatch::iac {

// Calls visit(workload, container) for all of a model.
template <typename Visit>
void EachContainer(const Model& model, const Visit& visit) {
  for (const Workload& workload : model.workloads) {
    for (const Container& container : workload.containers) {
      visit(workload, container);
    }
  }
}

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_CHECKS_EACH_H_
