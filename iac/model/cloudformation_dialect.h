#ifndef GATEWATCH_IAC_MODEL_CLOUDFORMATION_DIALECT_H_
#define GATEWATCH_IAC_MODEL_CLOUDFORMATION_DIALECT_H_

#include "iac/model/value.h"

namespace gatewatch::iac {

// CloudFormation: keys in any case, and the intrinsic functions in their long
// and short forms. Ref, GetAtt and the like are unknown; Sub and Join are
// known as far as their parts are; If is one of its branches; AWS::NoValue is
// absent. A parameter's default is not its value.
const Dialect& CloudFormationDialect();

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_CLOUDFORMATION_DIALECT_H_
