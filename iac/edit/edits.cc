#include "iac/edit/edits.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace gatewatch::iac {

std::string ApplyEdits(absl::string_view text, std::vector<Edit> edits) {
  absl::c_stable_sort(
      edits, [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
  std::string result;
  size_t done = 0;
  for (const Edit& edit : edits) {
    GATEWATCH_CHECK(done <= edit.begin && edit.begin <= edit.end &&
                    edit.end <= text.size());
    absl::StrAppend(&result, text.substr(done, edit.begin - done), edit.text);
    done = edit.end;
  }
  absl::StrAppend(&result, text.substr(done));
  return result;
}

}  // namespace gatewatch::iac
