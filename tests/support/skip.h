#ifndef GATEWATCH_TESTS_SUPPORT_SKIP_H_
#define GATEWATCH_TESTS_SUPPORT_SKIP_H_

#include "absl/strings/string_view.h"

namespace gatewatch::testing {

// Prints that the running case is skipped and why, in the form that the test
// run counts. Return from the case after it.
void Skip(absl::string_view reason);

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_SUPPORT_SKIP_H_
