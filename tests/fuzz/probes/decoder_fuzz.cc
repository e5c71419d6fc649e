#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/status.h"
#include "probes/syscalls/decoder.h"

namespace gatewatch::probes {
namespace {

// The fuzzer's bytes, mapped at address 0 and again and again after it, so
// that most pointers it makes up lead somewhere; the rest of the address
// space is unmapped.
class FuzzMemory : public RemoteMemory {
 public:
  static constexpr uint64_t kEnd = uint64_t{1} << 32;

  explicit FuzzMemory(absl::string_view bytes) : bytes_(bytes) {}

  absl::StatusOr<size_t> Read(RemoteAddress address, void* into,
                              size_t size) const override {
    const auto at = static_cast<uint64_t>(address);
    if (at >= kEnd || bytes_.empty()) return absl::InternalError("unmapped");
    const size_t got = std::min<uint64_t>(size, kEnd - at);
    for (size_t i = 0; i < got; ++i) {
      static_cast<char*>(into)[i] = bytes_[(at + i) % bytes_.size()];
    }
    return got;
  }

 private:
  const absl::string_view bytes_;
};

void CheckBounds(const DecodedCall& call) {
  GATEWATCH_CHECK(call.path.size() <= kPathLimit);
  GATEWATCH_CHECK(call.new_path.size() <= kPathLimit);
  GATEWATCH_CHECK(call.text.size() <= kPathLimit);
  GATEWATCH_CHECK(call.argv.size() <= kArgumentCountLimit);
  size_t bytes = 0;
  for (const std::string& argument : call.argv) bytes += argument.size();
  GATEWATCH_CHECK(bytes <= kArgumentBytesLimit);
}

}  // namespace
}  // namespace gatewatch::probes

// The first byte chooses the call, 48 bytes are its registers, the rest is
// the memory of its process.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using gatewatch::probes::FuzzMemory;
  using gatewatch::probes::SyscallTable;
  gatewatch::probes::RegisterArguments arguments;
  if (size < 1 + sizeof(arguments)) return 0;
  const auto& row = SyscallTable()[data[0] % SyscallTable().size()];
  memcpy(arguments.data(), data + 1, sizeof(arguments));
  const size_t header = 1 + sizeof(arguments);
  const FuzzMemory memory(
      {reinterpret_cast<const char*>(data) + header, size - header});
  const auto call = gatewatch::probes::Decode(row, arguments, memory);
  if (call.ok()) gatewatch::probes::CheckBounds(*call);
  return 0;
}
