#include "iac/model/workload.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace gatewatch::iac {
namespace {

constexpr absl::string_view kAgent = "gatewatch-agent";

}  // namespace

std::string Subject::Name() const {
  if (container.empty()) return object;
  return absl::StrCat(object, ", container ", container);
}

std::string ImageBaseName(const std::string& image) {
  const std::vector<absl::string_view> folders = absl::StrSplit(image, '/');
  const std::vector<absl::string_view> parts =
      absl::StrSplit(folders.back(), absl::ByAnyChar(":@"));
  return std::string(parts.front());
}

bool IsAgent(const std::string& name, const Text& image) {
  if (ImageBaseName(image.value) == kAgent) return true;
  return image.unknown() && name == kAgent;
}

const Container* AgentOf(const Workload& workload) {
  const auto found = absl::c_find_if(
      workload.containers,
      [](const Container& container) { return container.is_agent; });
  return found == workload.containers.end() ? nullptr : &*found;
}

}  // namespace gatewatch::iac
