#ifndef GATEWATCH_DETECTION_FALCO_VERSION_H_
#define GATEWATCH_DETECTION_FALCO_VERSION_H_

// Which Falco a rule file may ask for.

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace gatewatch::detection {

// What is wrong with a required_engine_version ("0.57.0", or 57 for 0.57.0);
// nothing when the language spoken here is at least that version's.
std::optional<std::string> EngineProblem(absl::string_view required);

// Whether what that plugin of Falco's provides is known here.
bool HasPlugin(absl::string_view name);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_FALCO_VERSION_H_
