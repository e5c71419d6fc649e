#ifndef GATEWATCH_IAC_UNIQUE_KEYS_H_
#define GATEWATCH_IAC_UNIQUE_KEYS_H_

#include "absl/status/status.h"
#include "iac/document.h"
#include "iac/text_lines.h"

namespace gatewatch::iac {

// An error at the first key of `mapping` that stands there twice.
absl::Status CheckUniqueKeys(const Node& mapping, const TextLines& lines);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_UNIQUE_KEYS_H_
