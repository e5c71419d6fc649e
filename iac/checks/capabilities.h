#ifndef GATEWATCH_IAC_CHECKS_CAPABILITIES_H_
#define GATEWATCH_IAC_CHECKS_CAPABILITIES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "iac/model/setting.h"

namespace gatewatch::iac {

// "NET_RAW" for cap_net_raw, CAP_NET_RAW and net_raw.
std::string CapabilityName(absl::string_view written);

// Whether a list of capabilities names one, or ALL.
bool NamesCapability(const TextList& list, absl::string_view name);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_CHECKS_CAPABILITIES_H_
