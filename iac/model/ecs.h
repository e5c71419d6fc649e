#ifndef GATEWATCH_IAC_MODEL_ECS_H_
#define GATEWATCH_IAC_MODEL_ECS_H_

#include <string>

#include "iac/model/model.h"
#include "iac/model/value.h"

namespace gatewatch::iac {

// What ECS knows, from whatever names it: the API's JSON, CloudFormation's
// properties or Terraform's attributes. `object` is how findings name it.

// Container definitions are apart, since Terraform holds them as JSON text.
void ReadTaskDefinition(const Value& definition, const Value& containers,
                        const std::string& object, Model& model);

void ReadService(const Value& service, const std::string& object, Model& model);

void ReadCluster(const Value& cluster, const std::string& object, Model& model);

// Tags "gatewatch.ignore.GWL002" = reason, as a list of keys and values or as
// a mapping.
void ReadTags(const Value& tags, const std::string& object, Model& model);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_ECS_H_
