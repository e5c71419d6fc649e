#ifndef GATEWATCH_PROBES_SECCOMP_PAYLOAD_IMAGE_H_
#define GATEWATCH_PROBES_SECCOMP_PAYLOAD_IMAGE_H_

#include <linux/filter.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace gatewatch::probes {

// What an injection writes into the memory that it had mapped: PayloadData,
// filter, arguments, the stage's code, stacks, and the keeper's program.
// Everything is borrowed.
class PayloadImage {
 public:
  // With an empty `keeper` none is started; see payload.h.
  PayloadImage(absl::Span<const sock_filter> filter, absl::string_view keeper,
               absl::Span<const std::string> arguments);

  size_t size() const { return size_; }  // whole pages
  // From the beginning of the memory.
  size_t stage_offset() const { return stage_offset_; }
  size_t stack_top_offset() const { return stack_top_offset_; }

  // The bytes for memory at `mapping`, without trailing zeros; the stage ends
  // with a jump to `resume`.
  std::string Build(uint64_t mapping, uint64_t resume) const;

 private:
  const absl::Span<const sock_filter> filter_;
  const absl::string_view keeper_;
  const absl::Span<const std::string> arguments_;
  size_t filter_offset_ = 0;
  size_t arguments_offset_ = 0;
  size_t code_offset_ = 0;
  size_t stage_offset_ = 0;
  size_t stack_top_offset_ = 0;
  size_t keeper_offset_ = 0;
  size_t size_ = 0;
};

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SECCOMP_PAYLOAD_IMAGE_H_
