#ifndef GATEWATCH_IAC_MODEL_CLOUDFORMATION_H_
#define GATEWATCH_IAC_MODEL_CLOUDFORMATION_H_

#include "absl/status/statusor.h"
#include "iac/model/model.h"

namespace gatewatch::iac {

bool IsCloudFormation(const Node& root);

// Reads a template. Its suppressions are in Metadata, of a resource or of the
// whole: {gatewatch: {ignore: [{check: GWL002, reason: …}]}}.
//
// Errors: INVALID_ARGUMENT "LINE:COLUMN: what is wrong".
absl::StatusOr<Model> ReadCloudFormation(const Node& root);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_CLOUDFORMATION_H_
