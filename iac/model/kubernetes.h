#ifndef GATEWATCH_IAC_MODEL_KUBERNETES_H_
#define GATEWATCH_IAC_MODEL_KUBERNETES_H_

#include "iac/model/model.h"

namespace gatewatch::iac {

bool IsKubernetes(const Node& root);

// Adds what one manifest declares: pods, whatever makes pods (by a template,
// custom resources included), Lists of these, service accounts and bindings.
// Annotations "gatewatch.ignore.GWL002" = reason suppress, on the object or
// on its template.
void ReadKubernetes(const Node& root, Model& model);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_KUBERNETES_H_
