#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "probes/procfs/path_resolver.h"

namespace gatewatch::probes {
namespace {

bool IsClean(absl::string_view path) {
  if (path == "/") return true;
  if (!absl::ConsumePrefix(&path, "/")) return false;
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

}  // namespace
}  // namespace gatewatch::probes

// A clean path is absolute, has no ".", ".." or empty part, and stays as it
// is when it is cleaned again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using gatewatch::probes::CleanPath;
  using gatewatch::probes::ReplaceProcSelf;
  const std::string path = absl::StrCat(
      "/", absl::string_view(reinterpret_cast<const char*>(data), size));
  const std::string clean = CleanPath(path);
  GATEWATCH_CHECK(gatewatch::probes::IsClean(clean));
  GATEWATCH_CHECK(CleanPath(clean) == clean);
  GATEWATCH_CHECK(clean.size() <= path.size());
  const std::string replaced = ReplaceProcSelf(clean, 1, 2);
  GATEWATCH_CHECK(gatewatch::probes::IsClean(replaced));
  GATEWATCH_CHECK(ReplaceProcSelf(replaced, 1, 2) == replaced);
  return 0;
}
