#include "analyzer/rule_book.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_split.h"
#include "analyzer/capture_policy.h"
#include "analyzer/file_stamp.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "base/status.h"

namespace gatewatch::analyzer {

RuleBook::RuleBook(detection::RulePaths paths) : paths_(std::move(paths)) {}

absl::StatusOr<std::unique_ptr<RuleBook>> RuleBook::Open(
    detection::RulePaths paths) {
  auto book = absl::WrapUnique(new RuleBook(std::move(paths)));
  absl::MutexLock reloading(&book->reload_mutex_);
  // Before the files are read: what changes meanwhile is read again.
  book->read_stamp_ = FileStamp(book->paths_.all());
  GATEWATCH_ASSIGN_OR_RETURN(EditionPtr first, book->Load());
  for (const std::string& warning : first->warnings) LogWarning(warning);
  {
    absl::MutexLock lock(&book->mutex_);
    book->edition_ = std::move(first);
  }
  return book;
}

absl::StatusOr<RuleBook::EditionPtr> RuleBook::Load() const {
  GATEWATCH_ASSIGN_OR_RETURN(const std::vector<detection::RuleSource> sources,
                             detection::ReadAllSources(paths_));
  auto edition = std::make_shared<Edition>();
  GATEWATCH_ASSIGN_OR_RETURN(
      edition->rules, detection::RuleSet::Load(sources, &edition->warnings));
  edition->policy = PolicyFor(*edition->rules);
  edition->since_ns = UnixNanos();
  return edition;
}

RuleBook::EditionPtr RuleBook::edition() const {
  absl::MutexLock lock(&mutex_);
  return edition_;
}

absl::Status RuleBook::Reload() {
  absl::MutexLock reloading(&reload_mutex_);
  return TakeOver(FileStamp(paths_.all()));
}

void RuleBook::Poll() {
  absl::MutexLock reloading(&reload_mutex_);
  std::string stamp = FileStamp(paths_.all());
  const bool still = stamp == seen_stamp_;
  seen_stamp_ = stamp;
  // What goes wrong is logged, and in status().
  if (still && stamp != read_stamp_) TakeOver(stamp).IgnoreError();
}

absl::Status RuleBook::TakeOver(const std::string& stamp) {
  read_stamp_ = stamp;
  absl::StatusOr<EditionPtr> next = Load();
  if (!next.ok()) {
    std::vector<std::string> errors;
    for (const absl::string_view error :
         absl::StrSplit(next.status().message(), '\n')) {
      errors.push_back(EscapeForTerminal(error));
      LogError("rules: ", errors.back());
    }
    LogError("rules: the files are wrong; the rules before stay at work");
    absl::MutexLock lock(&mutex_);
    errors_ = std::move(errors);
    failed_ns_ = UnixNanos();
    return next.status();
  }
  for (const std::string& warning : (*next)->warnings) LogWarning(warning);
  LogInfo("rules: ", (*next)->rules->rules().size(), " are at work now");
  absl::MutexLock lock(&mutex_);
  // The old one ends outside of the lock when nobody matches with it.
  edition_.swap(*next);
  ++reloads_;
  errors_.clear();
  failed_ns_ = 0;
  return absl::OkStatus();
}

v1::RuleSetStatus RuleBook::status() const {
  v1::RuleSetStatus status;
  const std::vector<std::string> paths = paths_.all();
  status.mutable_paths()->Assign(paths.begin(), paths.end());
  absl::MutexLock lock(&mutex_);
  status.set_active_since_ns(edition_->since_ns);
  status.set_reloads(reloads_);
  status.mutable_errors()->Assign(errors_.begin(), errors_.end());
  status.set_failed_ns(failed_ns_);
  status.mutable_warnings()->Assign(edition_->warnings.begin(),
                                    edition_->warnings.end());
  for (const v1::Silence& silence : edition_->rules->silences()) {
    *status.add_silences() = silence;
  }
  return status;
}

}  // namespace gatewatch::analyzer
