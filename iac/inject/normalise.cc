#include "iac/inject/normalise.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "iac/edit/editor.h"

namespace gatewatch::iac {
namespace {

constexpr absl::string_view kReadOnlyKeys[] = {
    "taskDefinitionArn",  "revision",        "status",
    "requiresAttributes", "compatibilities", "registeredAt",
    "registeredBy",       "deregisteredAt",  "deleteRequestedAt",
};

// The wrapper's tags would be lost with it.
absl::StatusOr<SourceFile> Unwrap(const SourceFile& file) {
  const Node& root = file.documents[0].root;
  const Node& task = *root.Find("taskDefinition");
  SourceFile inner = file;
  inner.text = absl::StrCat(Snippet::Source(file, task).text,
                            file.text.back() == '\n' ? "\n" : "");
  const Node* tags = root.Find("tags");
  if (tags == nullptr || tags->items.empty() || task.Find("tags") != nullptr) {
    return SourceFile::Parse(file.name, inner.text);
  }
  GATEWATCH_ASSIGN_OR_RETURN(inner, SourceFile::Parse(file.name, inner.text));
  Editor editor(inner);
  GATEWATCH_RETURN_IF_ERROR(editor.AppendMembers(
      inner.documents[0].root, {{"tags", Snippet::Source(file, *tags)}}));
  return SourceFile::Parse(file.name, editor.Result());
}

}  // namespace

absl::StatusOr<SourceFile> Normalise(SourceFile file,
                                     std::vector<std::string>& edits) {
  if (file.documents.size() != 1) return file;
  const Node* task = file.documents[0].root.Find("taskDefinition");
  if (task != nullptr && task->Find("containerDefinitions") != nullptr) {
    edits.push_back(absl::StrCat(file.name, ":", task->span.line,
                                 ": took the task definition out of what "
                                 "describe-task-definition printed"));
    GATEWATCH_ASSIGN_OR_RETURN(file, Unwrap(file));
  }
  const Node& root = file.documents[0].root;
  if (root.Find("containerDefinitions") == nullptr) return file;
  std::vector<size_t> indexes;
  std::vector<std::string> keys;
  for (size_t i = 0; i < root.members.size(); ++i) {
    if (!absl::c_linear_search(kReadOnlyKeys, root.members[i].key.text)) {
      continue;
    }
    indexes.push_back(i);
    keys.push_back(root.members[i].key.text);
  }
  if (indexes.empty()) return file;
  edits.push_back(absl::StrCat(file.name, ": removed what only AWS writes: ",
                               absl::StrJoin(keys, ", ")));
  Editor editor(file);
  GATEWATCH_RETURN_IF_ERROR(editor.RemoveMembers(root, indexes));
  return SourceFile::Parse(file.name, editor.Result());
}

}  // namespace gatewatch::iac
