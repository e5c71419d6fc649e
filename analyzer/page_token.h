#ifndef GATEWATCH_ANALYZER_PAGE_TOKEN_H_
#define GATEWATCH_ANALYZER_PAGE_TOKEN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace gatewatch::analyzer {

// Numbers in the form of a page token. `list` tells tokens of different lists
// apart.
std::string EncodePageToken(char list, absl::Span<const uint64_t> numbers);

// INVALID_ARGUMENT: not made by EncodePageToken with that list and as many
// numbers.
absl::StatusOr<std::vector<uint64_t>> DecodePageToken(char list, size_t count,
                                                      absl::string_view token);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_PAGE_TOKEN_H_
