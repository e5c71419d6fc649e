#include "probes/seccomp/payload_image.h"

#include <cstddef>
#include <cstring>

#include "base/status.h"
#include "probes/seccomp/payload.h"

namespace gatewatch::probes {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kStack = 8192;

constexpr size_t RoundUp(size_t value, size_t to) {
  return (value + to - 1) / to * to;
}

void Put(std::string& memory, size_t offset, const void* bytes, size_t size) {
  memcpy(memory.data() + offset, bytes, size);
}

}  // namespace

PayloadImage::PayloadImage(absl::Span<const sock_filter> filter,
                           absl::string_view keeper,
                           absl::Span<const std::string> arguments)
    : filter_(filter), keeper_(keeper), arguments_(arguments) {
  GATEWATCH_CHECK(arguments.size() + 2 <= PayloadData::kArguments);
  const PayloadStage stage = GetPayloadStage();
  filter_offset_ = RoundUp(sizeof(PayloadData), 16);
  arguments_offset_ = filter_offset_ + filter.size() * sizeof(sock_filter);
  size_t end = arguments_offset_;
  for (const std::string& argument : arguments) end += argument.size() + 1;
  code_offset_ = RoundUp(end, 64);
  stage_offset_ = code_offset_ + stage.start_offset;
  // Three stacks: the process's own, the helper's and the keeper's.
  stack_top_offset_ = RoundUp(code_offset_ + stage.code.size(), 16) + kStack;
  keeper_offset_ = stack_top_offset_ + 2 * kStack;
  size_ = RoundUp(keeper_offset_ + keeper.size(), kPage);
}

std::string PayloadImage::Build(uint64_t mapping, uint64_t resume) const {
  PayloadData data;
  data.mapping = mapping;
  data.resume = resume;
  data.helper_stack_top = mapping + stack_top_offset_ + kStack;
  data.keeper_stack_top = mapping + stack_top_offset_ + 2 * kStack;
  data.image = mapping + keeper_offset_;
  data.image_size = keeper_.size();
  data.filter_length = static_cast<uint16_t>(filter_.size());
  data.filter = mapping + filter_offset_;
  data.hold = keeper_.empty() ? 1 : 0;

  std::string memory(keeper_offset_ + keeper_.size(), '\0');
  size_t offset = arguments_offset_;
  size_t index = 0;
  for (const std::string& argument : arguments_) {
    data.arguments[index++] = mapping + offset;
    Put(memory, offset, argument.c_str(), argument.size() + 1);
    offset += argument.size() + 1;
  }
  data.arguments[index] = mapping + offsetof(PayloadData, listener_text);

  const PayloadStage stage = GetPayloadStage();
  Put(memory, 0, &data, sizeof(data));
  Put(memory, filter_offset_, filter_.data(),
      filter_.size() * sizeof(sock_filter));
  Put(memory, code_offset_, stage.code.data(), stage.code.size());
  Put(memory, keeper_offset_, keeper_.data(), keeper_.size());
  return memory;
}

}  // namespace gatewatch::probes
