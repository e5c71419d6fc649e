#include "probes/ptrace/seize_tree.h"

#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/files.h"
#include "base/status.h"

namespace gatewatch::probes {
namespace {

// Each pass seizes what the one before missed, and what is seized reports the
// threads it makes: more than a few passes take a process that means it.
constexpr int kPassLimit = 100;
constexpr int kAttemptLimit = 3;

// The thread that traces `tid`; 0: none, or not known.
pid_t TracerOf(pid_t tid) {
  constexpr absl::string_view kField = "\nTracerPid:\t";
  const auto status = ReadFile(absl::StrCat("/proc/", tid, "/status"));
  if (!status.ok()) return 0;
  const absl::string_view text = *status;
  // The name, which comes first, cannot hold an unescaped line break.
  const size_t at = text.find(kField);
  if (at == absl::string_view::npos) return 0;
  const absl::string_view rest = text.substr(at + kField.size());
  pid_t tracer = 0;
  return absl::SimpleAtoi(rest.substr(0, rest.find('\n')), &tracer) ? tracer
                                                                    : 0;
}

bool HasEnded(const ProcReader& proc, pid_t tid) {
  const auto stat = proc.Stat(tid);
  return !stat.ok() || stat->state == 'Z' || stat->state == 'X';
}

// AlreadyExists: it is this thread's tracee.
absl::Status TrySeizeThread(const Tracer& tracer, const ProcReader& proc,
                            pid_t tid) {
  const absl::Status seized = tracer.Seize(tid);
  if (seized.ok()) tracer.Interrupt(tid);
  if (!absl::IsPermissionDenied(seized)) return seized;
  const pid_t other = TracerOf(tid);
  if (other == ::gettid()) return absl::AlreadyExistsError("is traced");
  if (other != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("process ", tid, " is traced by ", other, " already"));
  }
  // One that has ended but is not reaped is refused like a forbidden one.
  return HasEnded(proc, tid) ? absl::NotFoundError("has ended") : seized;
}

// A first thread that had ended when it was refused may live by now: another
// thread's exec took its place. So a refusal is believed only when it lasts.
absl::Status SeizeThread(const Tracer& tracer, const ProcReader& proc,
                         pid_t tid) {
  absl::Status seized;
  for (int attempt = 0; attempt < kAttemptLimit; ++attempt) {
    seized = TrySeizeThread(tracer, proc, tid);
    if (!absl::IsPermissionDenied(seized)) break;
  }
  return seized;
}

absl::Status SeizeProcess(const Tracer& tracer, const ProcReader& proc,
                          pid_t pid, SeizedTree& tree) {
  absl::flat_hash_set<pid_t> ours;
  for (int pass = 0; pass < kPassLimit; ++pass) {
    bool stable = true;
    for (const pid_t tid : ThreadsOf(pid)) {
      if (ours.contains(tid)) continue;
      const absl::Status seized = SeizeThread(tracer, proc, tid);
      if (absl::IsNotFound(seized)) continue;
      if (!seized.ok() && !absl::IsAlreadyExists(seized)) return seized;
      if (seized.ok()) tree.threads.push_back(tid);
      ours.insert(tid);
      stable = false;
    }
    if (stable && !ours.empty()) return absl::OkStatus();
    if (stable && HasEnded(proc, pid)) {
      return absl::NotFoundError("no such process");
    }
  }
  return absl::UnavailableError(
      absl::StrCat("process ", pid, " makes threads faster than can be seen"));
}

}  // namespace

std::vector<pid_t> ThreadsOf(pid_t pid) {
  std::vector<pid_t> threads;
  std::error_code error;
  std::filesystem::directory_iterator entry(
      absl::StrCat("/proc/", pid, "/task"), error);
  for (; !error && entry != std::filesystem::directory_iterator();
       entry.increment(error)) {
    pid_t tid = 0;
    if (absl::SimpleAtoi(entry->path().filename().string(), &tid)) {
      threads.push_back(tid);
    }
  }
  return threads;
}

absl::StatusOr<SeizedTree> SeizeTree(const Tracer& tracer,
                                     const ProcReader& proc, pid_t root) {
  SeizedTree tree;
  GATEWATCH_RETURN_IF_ERROR(SeizeProcess(tracer, proc, root, tree));
  tree.processes.push_back(root);
  for (size_t i = 0; i < tree.processes.size(); ++i) {
    for (const pid_t child : proc.Children(tree.processes[i])) {
      const absl::Status seized = SeizeProcess(tracer, proc, child, tree);
      if (seized.ok()) tree.processes.push_back(child);
    }
  }
  return tree;
}

}  // namespace gatewatch::probes
