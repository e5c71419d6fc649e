#ifndef GATEWATCH_IAC_MODEL_ECS_CONTAINER_H_
#define GATEWATCH_IAC_MODEL_ECS_CONTAINER_H_

#include <string>

#include "iac/model/model.h"
#include "iac/model/value.h"

namespace gatewatch::iac {

// One container definition of ECS. Its sysctls go to the workload, and its
// labels "gatewatch.ignore.GWL002" = reason to the suppressions.
Container ReadEcsContainer(const Value& definition, const std::string& object,
                           std::vector<NamedText>& sysctls,
                           std::vector<Suppression>& suppressions);

// The settings of these names that are written and are not empty or false.
std::vector<NamedText> WrittenOf(
    const Value& value, std::initializer_list<absl::string_view> names);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_ECS_CONTAINER_H_
