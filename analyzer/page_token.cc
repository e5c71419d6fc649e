#include "analyzer/page_token.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace gatewatch::analyzer {

std::string EncodePageToken(char list, absl::Span<const uint64_t> numbers) {
  std::string token(1, list);
  for (const uint64_t number : numbers) {
    absl::StrAppend(&token, ".", absl::Hex(number));
  }
  return token;
}

absl::StatusOr<std::vector<uint64_t>> DecodePageToken(char list, size_t count,
                                                      absl::string_view token) {
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  std::vector<uint64_t> numbers;
  for (size_t i = 1; i < parts.size() && i <= count; ++i) {
    uint64_t number = 0;
    if (!absl::SimpleHexAtoi(parts[i], &number)) break;
    numbers.push_back(number);
  }
  // Written back, because numbers can be read in more forms than one.
  if (numbers.size() == count && EncodePageToken(list, numbers) == token) {
    return numbers;
  }
  return absl::InvalidArgumentError("page_token is not from this list");
}

}  // namespace gatewatch::analyzer
