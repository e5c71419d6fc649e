#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "iac/checks/checks.h"

namespace gatewatch::iac {

void CheckSuppressions(const Model& model, Report& report) {
  for (const Suppression& wish : model.suppressions) {
    const Check* check = FindCheck(wish.check);
    if (check == nullptr) {
      report.Add(
          wish.subject, wish.place,
          absl::StrCat("there is no check ", wish.check, " to be suppressed"));
    } else if (absl::StripAsciiWhitespace(wish.reason).empty()) {
      report.Add(wish.subject, wish.place,
                 absl::StrCat("the suppression of ", check->id,
                              " gives no reason, and is not granted"));
    }
  }
}

}  // namespace gatewatch::iac
