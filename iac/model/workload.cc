#include "iac/model/workload.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "iac/inject/names.h"

namespace gatewatch::iac {
namespace {

// Of the image that deploy/ builds.
constexpr absl::string_view kAgentImage = "gatewatch-agent";

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
  if (ImageBaseName(image.value) == kAgentImage) return true;
  return image.unknown() && name == kAgentContainer;
}

const Container* AgentOf(const Workload& workload) {
  const auto found = absl::c_find_if(
      workload.containers,
      [](const Container& container) { return container.is_agent; });
  return found == workload.containers.end() ? nullptr : &*found;
}

}  // namespace gatewatch::iac
