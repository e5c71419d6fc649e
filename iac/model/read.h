#ifndef GATEWATCH_IAC_MODEL_READ_H_
#define GATEWATCH_IAC_MODEL_READ_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "iac/model/model.h"

namespace gatewatch::iac {

// Reads a file, whatever kind it is: a model for each kind that its documents
// have, none when they are of no kind that is known here.
//
// Errors: INVALID_ARGUMENT "FILE:LINE:COLUMN: what is wrong", and what to do
// about templates and placeholders. A file that cannot be parsed and does not
// look like one of ours is of no kind.
absl::StatusOr<std::vector<Model>> ReadModels(const std::string& name,
                                              std::string bytes);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_READ_H_
