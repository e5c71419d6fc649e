#include "iac/inject/insert.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "iac/inject/names.h"
#include "iac/inject/record.h"
#include "iac/inject/sidecar.h"
#include "iac/inject/vocabulary.h"
#include "iac/inject/wrap.h"

namespace gatewatch::iac {
namespace {

using Mode = InjectOptions::Mode;
using WaitFor = InjectOptions::WaitFor;

class Inserter {
 public:
  Inserter(const SourceFile& file, const Target& target, const Choice& choice,
           const InjectOptions& options, Editor& editor, Findings& findings)
      : file_(file),
        target_(target),
        choice_(choice),
        options_(options),
        words_(VocabularyOf(target)),
        pod_(target.shape == Target::Shape::kPod),
        editor_(editor),
        findings_(findings) {}

  absl::Status Insert() {
    for (const size_t index : choice_.containers) {
      GATEWATCH_RETURN_IF_ERROR(
          EditContainer(target_.containers->items[index], index));
    }
    std::vector<Snippet::Member> members;  // of the holder, to be made
    if (target_.holder != nullptr) {
      GATEWATCH_RETURN_IF_ERROR(ShareProcesses(members));
      GATEWATCH_RETURN_IF_ERROR(AddVolume(members));
    } else {
      findings_.warnings.push_back(Finding(
          file_, target_, *target_.containers,
          absl::StrCat("set pid_mode = \"task\" in the aws_ecs_task_definition",
                       launch_any_ ? ", and add a volume named gatewatch" : "",
                       "; this file does not hold that")));
    }
    GATEWATCH_RETURN_IF_ERROR(AddContainers(members));
    if (members.empty()) return absl::OkStatus();
    return editor_.AppendMembers(*target_.holder, members);
  }

 private:
  void Tell(const Node& place, absl::string_view what) {
    findings_.edits.push_back(Finding(file_, target_, place, what));
  }

  // A list that is there gets the items; one that is not is to be made.
  absl::Status AddToList(const Node& holder, const std::string& key,
                         const std::string& record_key,
                         std::vector<Snippet> items,
                         std::vector<Snippet::Member>& members) {
    const Node* list = holder.Find(key);
    if (list == nullptr) {
      members.push_back({key, Snippet::Sequence(std::move(items))});
      record_.Add(record_key);
      return absl::OkStatus();
    }
    if (list->kind != Node::Kind::kSequence) {
      return absl::FailedPreconditionError(Finding(
          file_, target_, *list,
          absl::StrCat(key, " is no list; write the list, or leave it out")));
    }
    return editor_.AppendItems(*list, items);
  }

  Snippet Dependency(const char* container, const char* condition) const {
    return Snippet::Mapping(
        {{KeyFor(target_, "containerName"), Snippet::String(container)},
         {KeyFor(target_, "condition"), Snippet::String(condition)}});
  }

  absl::Status EditContainer(const Node& container, size_t index) {
    const std::string name = TextOf(container, "name");
    std::vector<Snippet::Member> members;
    bool launched = false;
    if (options_.mode == Mode::kLaunch) {
      auto wrapped = Wrap(target_, container, options_, editor_);
      launched = wrapped.ok();
      if (!launched) {
        findings_.warnings.push_back(Finding(
            file_, target_, container,
            absl::StrCat(name,
                         " is not launched: ", wrapped.status().message())));
      } else {
        launch_any_ = true;
        members = *std::move(wrapped);
        for (const auto& [key, value] : members) {
          record_.Add(RecordKey(container, index, key));
        }
        Tell(container, absl::StrCat(name, " starts through the launcher"));
        const std::string key = KeyFor(target_, words_.mounts);
        GATEWATCH_RETURN_IF_ERROR(AddToList(container, key,
                                            RecordKey(container, index, key),
                                            {LauncherMount(target_)}, members));
      }
    }
    if (!pod_) {
      GATEWATCH_RETURN_IF_ERROR(
          AddDependencies(container, index, launched, members));
    }
    if (members.empty()) return absl::OkStatus();
    return editor_.AppendMembers(container, members);
  }

  absl::Status AddDependencies(const Node& container, size_t index,
                               bool launched,
                               std::vector<Snippet::Member>& members) {
    std::vector<Snippet> items;
    if (launched) items.push_back(Dependency(kLauncherContainer, "SUCCESS"));
    if (options_.wait_for != WaitFor::kNothing) {
      const bool healthy = options_.wait_for == WaitFor::kHealthy;
      items.push_back(
          Dependency(kAgentContainer, healthy ? "HEALTHY" : "START"));
      Tell(container,
           absl::StrCat(TextOf(container, "name"), " starts after the agent",
                        healthy ? " is healthy" : ""));
    }
    if (items.empty()) return absl::OkStatus();
    const std::string key = KeyFor(target_, "dependsOn");
    return AddToList(container, key, RecordKey(container, index, key),
                     std::move(items), members);
  }

  absl::Status ShareProcesses(std::vector<Snippet::Member>& members) {
    const std::string key = KeyFor(target_, words_.share_processes);
    const Node* host = pod_ ? target_.holder->Find("hostPID") : nullptr;
    if (host != nullptr && host->text == "true") {
      return absl::FailedPreconditionError(
          Finding(file_, target_, *host,
                  "hostPID excludes shareProcessNamespace; remove it, or run "
                  "the agent as a DaemonSet"));
    }
    const Node* value = target_.holder->Find(key);
    if (value == nullptr) {
      members.push_back(
          {key, pod_ ? Snippet::Bool(true) : Snippet::String(words_.shared)});
      record_.Add(key);
      Tell(*target_.holder, absl::StrCat(key, " is ", words_.shared));
      return absl::OkStatus();
    }
    if (value->tag.empty() && value->text == words_.shared) {
      return absl::OkStatus();
    }
    return absl::FailedPreconditionError(
        Finding(file_, target_, *value,
                absl::StrCat(key, " is not ", words_.shared,
                             ", which the agent needs; change it or exclude "
                             "the task with ",
                             kOptionKey, ": false")));
  }

  absl::Status AddVolume(std::vector<Snippet::Member>& members) {
    if (!launch_any_) return absl::OkStatus();
    const std::string key = KeyFor(target_, "volumes");
    Tell(*target_.holder, absl::StrCat("volume ", kVolume));
    return AddToList(*target_.holder, key, key, {LauncherVolume(target_)},
                     members);
  }

  // As the first of the others logs that says so.
  std::optional<Snippet> Log() const {
    if (pod_) return std::nullopt;
    if (!options_.log_group.empty()) return AwsLogs(target_, options_);
    for (const size_t index : choice_.containers) {
      const Node* log =
          target_.containers->items[index].FindEitherCase("logConfiguration");
      if (log != nullptr && !log->aliased) return Snippet::Source(file_, *log);
    }
    return std::nullopt;
  }

  absl::Status AddContainers(std::vector<Snippet::Member>& members) {
    const std::optional<Snippet> log = Log();
    std::vector<Snippet> containers;
    if (launch_any_) {
      containers.push_back(LauncherContainer(target_, options_, log));
      Tell(*target_.containers, absl::StrCat("container ", kLauncherContainer));
    }
    // Known before the record is written into one of them.
    const bool makes_list =
        pod_ && target_.holder->Find("initContainers") == nullptr;
    if (makes_list) record_.Add("initContainers");
    containers.push_back(
        AgentContainer(target_, options_, record_.Text(), log));
    Tell(*target_.containers, absl::StrCat("container ", kAgentContainer));
    if (!pod_) return editor_.AppendItems(*target_.containers, containers);
    return AddToList(*target_.holder, "initContainers", "initContainers",
                     std::move(containers), members);
  }

  const SourceFile& file_;
  const Target& target_;
  const Choice& choice_;
  const InjectOptions& options_;
  const Vocabulary& words_;
  const bool pod_;
  Editor& editor_;
  Findings& findings_;
  Record record_;
  bool launch_any_ = false;
};

}  // namespace

absl::Status Insert(const SourceFile& file, const Target& target,
                    const Choice& choice, const InjectOptions& options,
                    Editor& editor, Findings& findings) {
  return Inserter(file, target, choice, options, editor, findings).Insert();
}

}  // namespace gatewatch::iac
