#ifndef GATEWATCH_IAC_MODEL_TERRAFORM_RESOURCES_H_
#define GATEWATCH_IAC_MODEL_TERRAFORM_RESOURCES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "iac/model/model.h"
#include "iac/model/value.h"

namespace gatewatch::iac {

struct TerraformResource {
  std::string type;
  std::string address;
  Value values;
};

// Errors: INVALID_ARGUMENT "LINE:COLUMN: what is wrong", for a JSON text that
// is none.
absl::StatusOr<Model> ReadTerraformResources(
    const std::vector<TerraformResource>& resources);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_TERRAFORM_RESOURCES_H_
