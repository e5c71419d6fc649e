#ifndef GATEWATCH_IAC_INJECT_CHECK_H_
#define GATEWATCH_IAC_INJECT_CHECK_H_

#include "iac/document.h"
#include "iac/inject/findings.h"
#include "iac/inject/target.h"

namespace gatewatch::iac {

// Looks for what ECS or Kubernetes would refuse in a target as it is after the
// injection: sizes, names, ports, dependencies. Errors say what to do.
void CheckTarget(const SourceFile& file, const Target& target,
                 Findings& findings);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_INJECT_CHECK_H_
