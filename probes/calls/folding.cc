#include "probes/calls/folding.h"

#include "absl/strings/str_cat.h"

namespace gatewatch::probes {

bool IsFoldable(Action action) {
  switch (action) {
    case Action::kOpen:
    case Action::kConnect:
    case Action::kSendTo:
    case Action::kAccept:
    case Action::kMkdir:
      return true;
    default:
      return false;
  }
}

std::string ObjectOf(const DecodedCall& call) {
  return absl::StrCat(call.path, absl::string_view("\0", 1), call.address.ip,
                      ":", call.address.port, call.address.path);
}

}  // namespace gatewatch::probes
