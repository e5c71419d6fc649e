#include "iac/inject/inject.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "iac/edit/editor.h"
#include "iac/inject/check.h"
#include "iac/inject/choice.h"
#include "iac/inject/insert.h"
#include "iac/inject/normalise.h"
#include "iac/inject/target.h"
#include "iac/inject/uninject.h"

namespace gatewatch::iac {
namespace {

// Parts of the names of images whose first process must have pid 1.
constexpr absl::string_view kNeedsPidOne[] = {"s6-overlay", "linuxserver/"};

bool NeedsPidOne(const Node& container, const InjectOptions& options) {
  const std::string image = TextOf(container, "image");
  for (const absl::string_view part : kNeedsPidOne) {
    if (absl::StrContains(image, part)) return true;
  }
  const ImageConfig* config = options.images.Find(image, "amd64");
  return config != nullptr && !config->entrypoint.empty() &&
         config->entrypoint[0] == "/init";  // s6-overlay's
}

class Injector {
 public:
  Injector(const InjectOptions& options, Findings& findings)
      : options_(options), findings_(findings) {}

  absl::StatusOr<std::string> Inject(const SourceFile& bare) {
    GATEWATCH_ASSIGN_OR_RETURN(const std::vector<Target> targets,
                               FindTargets(bare));
    Editor editor(bare);
    for (const Target& target : targets) {
      const Choice choice = Choose(target, options_);
      Tell(bare, target, choice);
      if (!choice.why_not.empty()) continue;
      Warn(bare, target, choice);
      const absl::Status inserted =
          Insert(bare, target, choice, options_, editor, findings_);
      if (!inserted.ok()) {
        findings_.errors.emplace_back(inserted.message());
      } else {
        injected_.insert(target.name);
      }
    }
    if (targets.empty()) {
      findings_.notes.push_back(absl::StrCat(
          bare.name, ": no task definitions and no pods in this file"));
    }
    if (!injected_.empty() && AllowsEcsExec(bare)) {
      findings_.warnings.push_back(absl::StrCat(
          bare.name,
          ": ECS Exec is enabled, and with pidMode task it may enter another "
          "container than asked for"));
    }
    CheckImage(bare);
    return findings_.errors.empty() ? editor.Result() : bare.text;
  }

  // What was injected must hold together, and be there to be removed again.
  absl::Status Check(const SourceFile& bare, const std::string& text) {
    GATEWATCH_ASSIGN_OR_RETURN(const SourceFile after,
                               SourceFile::Parse(bare.name, text));
    GATEWATCH_ASSIGN_OR_RETURN(const std::vector<Target> targets,
                               FindTargets(after));
    for (const Target& target : targets) {
      if (injected_.count(target.name) > 0) {
        CheckTarget(after, target, findings_);
      }
    }
    const auto restored = Uninject(after, nullptr);
    if (restored.ok() && *restored == bare.text) return absl::OkStatus();
    return absl::InternalError(absl::StrCat(
        bare.name,
        ": this file is written in a way that could not be restored after an "
        "injection; nothing was changed. Format it, and try again"));
  }

 private:
  void Tell(const SourceFile& file, const Target& target,
            const Choice& choice) {
    std::vector<std::string> reasons = choice.left_alone;
    if (!choice.why_not.empty()) reasons.push_back(choice.why_not);
    for (const std::string& why : reasons) {
      findings_.notes.push_back(Finding(file, target, *target.containers,
                                        absl::StrCat("left alone: ", why)));
    }
  }

  void Warn(const SourceFile& file, const Target& target,
            const Choice& choice) {
    for (const size_t index : choice.containers) {
      const Node& container = target.containers->items[index];
      if (!NeedsPidOne(container, options_)) continue;
      findings_.warnings.push_back(
          Finding(file, target, container,
                  absl::StrCat(TextOf(container, "name"),
                               " seems to need pid 1 (s6-overlay), which no "
                               "container has that shares its processes")));
    }
  }

  void CheckImage(const SourceFile& file) {
    if (injected_.empty() || absl::StrContains(options_.image, "@sha256:")) {
      return;
    }
    findings_.warnings.push_back(
        absl::StrCat(file.name, ": the agent's image \"", options_.image,
                     "\" is not pinned; give --image NAME@sha256:DIGEST"));
  }

  const InjectOptions& options_;
  Findings& findings_;
  std::set<std::string> injected_;  // names of targets
};

}  // namespace

absl::StatusOr<Injection> Inject(const std::string& name,
                                 const std::string& bytes,
                                 const InjectOptions& options) {
  Injection injection;
  GATEWATCH_ASSIGN_OR_RETURN(SourceFile file, SourceFile::Parse(name, bytes));
  injection.before = file.text;
  injection.encoding = file.encoding;
  std::vector<std::string> normalised;
  GATEWATCH_ASSIGN_OR_RETURN(file, Normalise(std::move(file), normalised));
  GATEWATCH_ASSIGN_OR_RETURN(std::string text, Uninject(file, nullptr));
  GATEWATCH_ASSIGN_OR_RETURN(const SourceFile bare,
                             SourceFile::Parse(name, std::move(text)));
  Findings& findings = injection.findings;
  Injector injector(options, findings);
  GATEWATCH_ASSIGN_OR_RETURN(injection.after, injector.Inject(bare));
  if (findings.errors.empty()) {
    GATEWATCH_RETURN_IF_ERROR(injector.Check(bare, injection.after));
  }
  findings.edits.insert(findings.edits.begin(), normalised.begin(),
                        normalised.end());
  if (injection.after == injection.before) findings.edits.clear();
  if (options.strict) {
    findings.errors.insert(findings.errors.end(), findings.warnings.begin(),
                           findings.warnings.end());
    findings.warnings.clear();
  }
  if (!findings.errors.empty()) injection.after = injection.before;
  return injection;
}

absl::StatusOr<Injection> Remove(const std::string& name,
                                 const std::string& bytes) {
  Injection injection;
  GATEWATCH_ASSIGN_OR_RETURN(const SourceFile file,
                             SourceFile::Parse(name, bytes));
  injection.before = file.text;
  injection.encoding = file.encoding;
  GATEWATCH_ASSIGN_OR_RETURN(injection.after,
                             Uninject(file, &injection.findings.edits));
  return injection;
}

}  // namespace gatewatch::iac
