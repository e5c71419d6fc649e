#include "iac/lint/lint.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "iac/lint/find_files.h"
#include "iac/model/read.h"

namespace gatewatch::iac {
namespace {

// Above what is read, so that a larger file is refused and not cut.
constexpr size_t kReadLimit = (16 << 20) + 1;

bool IsWanted(const LintOptions& options, const Check* check) {
  return (options.only.empty() || absl::c_linear_search(options.only, check)) &&
         !absl::c_linear_search(options.skip, check);
}

// Whether a wish is about what a finding is about.
bool Concerns(const Suppression& wish, const Finding& finding) {
  if (wish.subject.object.empty()) {
    return wish.scope.begin <= finding.place.begin &&
           finding.place.begin < wish.scope.end;
  }
  return wish.subject.object == finding.subject.object &&
         (wish.subject.container.empty() ||
          wish.subject.container == finding.subject.container);
}

// The wish that silences a finding; null when there is none. What is wrong
// with a wish cannot be wished away.
const Suppression* FindWish(const Model& model, const Finding& finding) {
  if (finding.check == &AllChecks().front()) return nullptr;
  for (const Suppression& wish : model.suppressions) {
    if (FindCheck(wish.check) == finding.check &&
        !absl::StripAsciiWhitespace(wish.reason).empty() &&
        Concerns(wish, finding)) {
      return &wish;
    }
  }
  return nullptr;
}

void LintModel(const std::string& name, const Model& model,
               const LintOptions& options, LintResult& result) {
  for (Finding& finding : RunChecks(model, options.checks)) {
    if (!IsWanted(options, finding.check)) continue;
    Outcome outcome{.file = name, .finding = std::move(finding)};
    if (const Suppression* wish = FindWish(model, outcome.finding)) {
      outcome.state = Outcome::State::kSuppressed;
      outcome.reason = wish->reason;
    }
    result.outcomes.push_back(std::move(outcome));
  }
}

void LintFile(const std::string& path, const LintOptions& options,
              LintResult& result) {
  const bool standard_input = path == "-";
  auto bytes = ReadFile(standard_input ? "/dev/stdin" : path, kReadLimit);
  if (!bytes.ok()) {
    result.unreadable.push_back(
        {path, absl::StrCat(path, ": ", bytes.status().message())});
    return;
  }
  LintText(path, *std::move(bytes), options, result);
}

auto Order(const Outcome& outcome) {
  return std::make_tuple(std::cref(outcome.file), outcome.finding.place.line,
                         outcome.finding.place.column, outcome.finding.check);
}

// Each entry of the baseline covers one finding.
void ApplyBaseline(Baseline baseline, LintResult& result) {
  for (Outcome& outcome : result.outcomes) {
    if (outcome.state == Outcome::State::kOpen &&
        baseline.Take(outcome.file, outcome.finding)) {
      outcome.state = Outcome::State::kInBaseline;
    }
  }
}

}  // namespace

bool LintResult::Fails(Severity severity) const {
  return absl::c_any_of(outcomes, [&](const Outcome& outcome) {
    return outcome.state == Outcome::State::kOpen &&
           outcome.finding.severity >= severity;
  });
}

void LintText(const std::string& name, std::string bytes,
              const LintOptions& options, LintResult& result) {
  const auto models = ReadModels(name, std::move(bytes));
  if (!models.ok()) {
    result.unreadable.push_back({name, std::string(models.status().message())});
    return;
  }
  ++(models->empty() ? result.skipped : result.linted);
  for (const Model& model : *models) LintModel(name, model, options, result);
}

LintResult Lint(const std::vector<std::string>& paths,
                const LintOptions& options, const Progress& progress) {
  LintResult result;
  FoundFiles found = FindFiles(paths);
  result.left_out = std::move(found.left_out);
  result.skipped = found.skipped;
  for (const absl::Status& error : found.errors) {
    result.unreadable.push_back({"", std::string(error.message())});
  }
  for (size_t i = 0; i < found.files.size(); ++i) {
    progress(i, found.files.size());
    LintFile(found.files[i], options, result);
  }
  absl::c_stable_sort(result.outcomes, [](const Outcome& a, const Outcome& b) {
    return Order(a) < Order(b);
  });
  ApplyBaseline(options.baseline, result);
  return result;
}

}  // namespace gatewatch::iac
