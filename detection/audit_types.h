#ifndef GATEWATCH_DETECTION_AUDIT_TYPES_H_
#define GATEWATCH_DETECTION_AUDIT_TYPES_H_

#include "detection/event_types.h"
#include "detection/expression.h"

namespace gatewatch::detection {

// The values of evt.type for which a comparison of an audit.* field can hold;
// all for one of another field. None for a type of record that no event has,
// such as USER_AUTH.
EventTypes OfAuditComparison(const Expression& comparison);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_AUDIT_TYPES_H_
