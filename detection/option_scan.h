#ifndef GATEWATCH_DETECTION_OPTION_SCAN_H_
#define GATEWATCH_DETECTION_OPTION_SCAN_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace gatewatch::detection {

// One option of a command line: "-p 80" is 'p' with "80".
struct ScannedOption {
  char letter = 0;
  std::string value;  // empty when it takes none
};

// The options among `arguments` (without argv[0]), as getopt(3) finds them:
// `letters` are those that a program knows, followed by ":" when they need a
// value and "::" when they may have one attached. What it does not know, long
// options and what stands behind "--" are left out; operands may stand
// anywhere.
std::vector<ScannedOption> ScanOptions(absl::Span<const std::string> arguments,
                                       absl::string_view letters);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_OPTION_SCAN_H_
