#include "iac/inject/uninject.h"

#include <functional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "iac/edit/editor.h"
#include "iac/inject/names.h"
#include "iac/inject/record.h"
#include "iac/inject/target.h"
#include "iac/inject/vocabulary.h"

namespace gatewatch::iac {
namespace {

bool Says(const Node& mapping, absl::string_view key, absl::string_view text) {
  const Node* value = mapping.FindEitherCase(key);
  return value != nullptr && value->text == text;
}

bool IsOurContainer(const Node& container) {
  return Says(container, "name", kAgentContainer) ||
         Says(container, "name", kLauncherContainer);
}

bool IsOurDependency(const Node& item) {
  return Says(item, "containerName", kAgentContainer) ||
         Says(item, "containerName", kLauncherContainer);
}

bool IsLaunched(const Node& container, const Vocabulary& words) {
  const Node* entry = container.FindEitherCase(words.entry);
  return entry != nullptr && entry->items.size() >= 2 &&
         entry->items[0].text == kLauncher && entry->items[1].text == "--";
}

using IsOurs = std::function<bool(const Node& item)>;

class Remover {
 public:
  Remover(const SourceFile& file, std::vector<std::string>* removed)
      : file_(file), editor_(file), removed_(removed) {}

  absl::Status RemoveFrom(const Target& target) {
    const Node* record = nullptr;
    for (const Node* list : {target.containers, InitsOf(target)}) {
      if (list == nullptr) continue;
      for (const Node& container : list->items) {
        if (record == nullptr) record = FindRecord(target, container);
      }
    }
    if (record == nullptr) return absl::OkStatus();
    record_ = Record(record->text);
    Tell(target, *record, "removed the agent");
    for (size_t i = 0; i < target.containers->items.size(); ++i) {
      const Node& container = target.containers->items[i];
      if (IsOurContainer(container)) continue;
      GATEWATCH_RETURN_IF_ERROR(RemoveFromContainer(target, container, i));
    }
    GATEWATCH_RETURN_IF_ERROR(RemoveItems(*target.containers, IsOurContainer));
    if (target.holder == nullptr) return absl::OkStatus();
    return RemoveFromHolder(target);
  }

  std::string Result() const { return editor_.Result(); }

 private:
  static const Node* InitsOf(const Target& target) {
    return target.shape == Target::Shape::kPod
               ? target.holder->Find("initContainers")
               : nullptr;
  }

  void Tell(const Target& target, const Node& place, absl::string_view what) {
    if (removed_ == nullptr) return;
    removed_->push_back(absl::StrCat(file_.name, ":", place.span.line, ": ",
                                     target.name, ": ", what));
  }

  absl::Status RemoveItems(const Node& list, const IsOurs& is_ours) {
    std::vector<size_t> indexes;
    for (size_t i = 0; i < list.items.size(); ++i) {
      if (is_ours(list.items[i])) indexes.push_back(i);
    }
    if (indexes.empty()) return absl::OkStatus();
    return editor_.RemoveItems(list, indexes);
  }

  // Removes what is ours of a list, or says that all of it is to go.
  absl::StatusOr<bool> RemoveOurs(const Node& list, bool made,
                                  const IsOurs& is_ours) {
    if (made && absl::c_all_of(list.items, is_ours)) return true;
    GATEWATCH_RETURN_IF_ERROR(RemoveItems(list, is_ours));
    return false;
  }

  absl::Status RemoveFromContainer(const Target& target, const Node& container,
                                   size_t index) {
    const Vocabulary& words = VocabularyOf(target);
    const bool launched = IsLaunched(container, words);
    std::vector<size_t> whole;
    for (size_t i = 0; i < container.members.size(); ++i) {
      const Node& key = container.members[i].key;
      const Node& value = container.members[i].value;
      const auto is = [&](absl::string_view name) {
        return key.text == KeyFor(target, name);
      };
      const bool made = record_.Has(RecordKey(container, index, key.text));
      bool all = false;
      if (is("dependsOn")) {
        GATEWATCH_ASSIGN_OR_RETURN(all,
                                   RemoveOurs(value, made, IsOurDependency));
      } else if (is(words.mounts)) {
        GATEWATCH_ASSIGN_OR_RETURN(
            all, RemoveOurs(value, made, [&](const Node& item) {
              return Says(item, words.mounted_volume, kVolume);
            }));
      } else if (launched && made && (is(words.entry) || is(words.arguments))) {
        all = true;
      } else if (launched && is(words.entry)) {
        GATEWATCH_RETURN_IF_ERROR(editor_.RemoveItems(value, {0, 1}));
      }
      if (all) whole.push_back(i);
    }
    if (whole.empty()) return absl::OkStatus();
    return editor_.RemoveMembers(container, whole);
  }

  absl::Status RemoveFromHolder(const Target& target) {
    const Vocabulary& words = VocabularyOf(target);
    const bool pod = target.shape == Target::Shape::kPod;
    std::vector<size_t> whole;
    for (size_t i = 0; i < target.holder->members.size(); ++i) {
      const Node& key = target.holder->members[i].key;
      const Node& value = target.holder->members[i].value;
      const auto is = [&](absl::string_view name) {
        return key.text == KeyFor(target, name);
      };
      const bool made = record_.Has(key.text);
      bool all = false;
      if (is(words.share_processes)) {
        all = made && value.text == words.shared;
      } else if (is("volumes")) {
        GATEWATCH_ASSIGN_OR_RETURN(
            all, RemoveOurs(value, made, [](const Node& item) {
              return Says(item, "name", kVolume);
            }));
      } else if (pod && is("initContainers")) {
        GATEWATCH_ASSIGN_OR_RETURN(all,
                                   RemoveOurs(value, made, IsOurContainer));
      }
      if (all) whole.push_back(i);
    }
    if (whole.empty()) return absl::OkStatus();
    return editor_.RemoveMembers(*target.holder, whole);
  }

  const SourceFile& file_;
  Editor editor_;
  std::vector<std::string>* const removed_;
  Record record_;
};

}  // namespace

absl::StatusOr<std::string> Uninject(const SourceFile& file,
                                     std::vector<std::string>* removed) {
  GATEWATCH_ASSIGN_OR_RETURN(const std::vector<Target> targets,
                             FindTargets(file));
  Remover remover(file, removed);
  for (const Target& target : targets) {
    GATEWATCH_RETURN_IF_ERROR(remover.RemoveFrom(target));
  }
  return remover.Result();
}

}  // namespace gatewatch::iac
