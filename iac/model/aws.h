#ifndef GATEWATCH_IAC_MODEL_AWS_H_
#define GATEWATCH_IAC_MODEL_AWS_H_

#include <string>

#include "iac/model/model.h"
#include "iac/model/value.h"

namespace gatewatch::iac {

// What AWS knows besides ECS, by CloudFormation's and Terraform's names alike.

// Whether a trust policy lets ECS tasks assume its role.
bool TrustsTasks(const Value& policy);

// Appends the statements of an IAM policy document.
void ReadPolicy(const Value& policy, std::vector<Role::Statement>& statements);

// Appends what one rule of a security group permits: a rule for each range.
void ReadSecurityRule(const Value& rule, bool ingress, SecurityGroup& group);

void ReadEksCluster(const Value& cluster, const std::string& object,
                    Model& model);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_AWS_H_
