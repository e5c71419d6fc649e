#include "iac/checks/check.h"

#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace gatewatch::iac {
namespace {

constexpr std::array<const char*, 6> kSeverities = {
    "unknown", "low", "medium", "high", "critical", "error"};

constexpr std::array<Kinds, 4> kKindBits = {kT, kC, kP, kK};

}  // namespace

const char* SeverityName(Severity severity) {
  const auto index = static_cast<size_t>(severity);
  return index < kSeverities.size() ? kSeverities[index] : nullptr;
}

void Report::Add(const Subject& subject, const Span& place,
                 std::string message) {
  Add(check_.severity, subject, place, std::move(message));
}

void Report::Add(Severity severity, const Subject& subject, const Span& place,
                 std::string message) {
  findings_.push_back({&check_, severity, subject, place, std::move(message)});
}

void Report::AddUnknown(const Subject& subject, const Span& place,
                        absl::string_view what) {
  Add(Severity::kUnknown, subject, place,
      absl::StrCat(what, " is only known at deployment"));
}

bool Covers(const Check& check, InputKind kind) {
  return (check.kinds & kKindBits[static_cast<size_t>(kind)]) != 0;
}

const Check* FindCheck(absl::string_view id_or_name) {
  for (const Check& check : AllChecks()) {
    if (absl::EqualsIgnoreCase(check.id, id_or_name) ||
        check.name == id_or_name) {
      return &check;
    }
  }
  return nullptr;
}

std::vector<Finding> RunChecks(const Model& model,
                               const CheckOptions& options) {
  std::vector<Finding> findings;
  for (const Check& check : AllChecks()) {
    if (!Covers(check, model.kind)) continue;
    Report report(check, options, findings);
    check.run(model, report);
  }
  return findings;
}

}  // namespace gatewatch::iac
