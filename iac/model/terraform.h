#ifndef GATEWATCH_IAC_MODEL_TERRAFORM_H_
#define GATEWATCH_IAC_MODEL_TERRAFORM_H_

#include "absl/status/statusor.h"
#include "iac/model/model.h"

namespace gatewatch::iac {

bool IsTerraformPlan(const Node& root);

// Reads what `terraform show -json` prints of a plan or a state, with child
// modules and without what will be destroyed. What stands in JSON texts, such
// as container_definitions, has the place of the text.
//
// Errors: INVALID_ARGUMENT "LINE:COLUMN: what is wrong".
absl::StatusOr<Model> ReadTerraformPlan(const Node& root);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_TERRAFORM_H_
