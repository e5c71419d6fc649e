#ifndef GATEWATCH_IAC_EDIT_UNIFIED_DIFF_H_
#define GATEWATCH_IAC_EDIT_UNIFIED_DIFF_H_

#include <string>

#include "absl/strings/string_view.h"

namespace gatewatch::iac {

// What makes `after` of `before`, in the form that patch reads; empty when
// they are the same.
std::string UnifiedDiff(absl::string_view name, absl::string_view before,
                        absl::string_view after);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_EDIT_UNIFIED_DIFF_H_
