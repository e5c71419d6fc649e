#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "probes/procfs/parsers.h"

namespace gatewatch::probes {
namespace {

// Whatever a process is called, its fields stay where they are.
void CheckName(absl::string_view name) {
  const auto stat = ParseStat(
      absl::StrCat("42 (", name,
                   ") S 7 40 39 0 40 4194304 1 2 3 4 5 6 7 8 20 0 3 0 99 0\n"));
  GATEWATCH_CHECK(stat.has_value());
  GATEWATCH_CHECK(stat->name == name);
  GATEWATCH_CHECK(stat->pid == 42);
  GATEWATCH_CHECK(stat->parent_pid == 7);
  GATEWATCH_CHECK(stat->start_ticks == 99);
}

void CheckText(absl::string_view text) {
  ParseStat(text);
  ParseStatus(text);
  ParseNamespaceLink(text);
  for (const pid_t pid : ParseChildren(text)) GATEWATCH_CHECK(pid > 0);
  const Descriptor descriptor = ParseDescriptorLink(text);
  GATEWATCH_CHECK(descriptor.path.empty() || descriptor.path == text);
  GATEWATCH_CHECK(ParseExecutableLink(text).path.size() <= text.size());
  size_t bytes = 0;
  for (const std::string& part : SplitAtNul(text)) bytes += part.size();
  GATEWATCH_CHECK(bytes <= text.size());
}

}  // namespace
}  // namespace gatewatch::probes

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  gatewatch::probes::CheckName(text);
  gatewatch::probes::CheckText(text);
  return 0;
}
