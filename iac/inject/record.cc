#include "iac/inject/record.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "iac/inject/names.h"
#include "iac/inject/vocabulary.h"

namespace gatewatch::iac {
namespace {

constexpr char kVersion[] = "v1";

}  // namespace

Record::Record(absl::string_view text) {
  for (absl::string_view key : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (key != kVersion) keys_.emplace(key);
  }
}

std::string Record::Text() const {
  return absl::StrCat(kVersion, keys_.empty() ? "" : " ",
                      absl::StrJoin(keys_, " "));
}

std::string RecordKey(const Node& container, size_t index,
                      absl::string_view key) {
  const Node* name = container.FindEitherCase("name");
  const bool literal = name != nullptr && name->tag.empty() &&
                       name->kind == Node::Kind::kScalar &&
                       name->text.find_first_of(" #/") == std::string::npos;
  return absl::StrCat(literal ? name->text : absl::StrCat("#", index), "/",
                      key);
}

const Node* FindRecord(const Target& target, const Node& container) {
  const Node* name = container.FindEitherCase("name");
  if (name == nullptr || name->text != kAgentContainer) return nullptr;
  return FindNamed(container.FindEitherCase(VocabularyOf(target).environment),
                   kRecordVariable);
}

}  // namespace gatewatch::iac
