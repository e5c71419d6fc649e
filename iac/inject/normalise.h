#ifndef GATEWATCH_IAC_INJECT_NORMALISE_H_
#define GATEWATCH_IAC_INJECT_NORMALISE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "iac/document.h"

namespace gatewatch::iac {

// A task definition as `aws ecs describe-task-definition` prints it, made fit
// to be registered: taken out of its wrapper, without the keys that only AWS
// writes. Other files stay as they are. Says in `edits` what it changed.
absl::StatusOr<SourceFile> Normalise(SourceFile file,
                                     std::vector<std::string>& edits);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_INJECT_NORMALISE_H_
