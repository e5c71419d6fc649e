#include "iac/inject/wrap.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "iac/inject/choice.h"
#include "iac/inject/names.h"
#include "iac/inject/vocabulary.h"

namespace gatewatch::iac {
namespace {

// As images name it.
std::string ArchitectureOf(const Target& target) {
  if (target.holder == nullptr) return "amd64";
  if (target.shape == Target::Shape::kPod) {
    const Node* selector = target.holder->Find("nodeSelector");
    const Node* value =
        selector == nullptr ? nullptr : selector->Find("kubernetes.io/arch");
    return value == nullptr ? "amd64" : value->text;
  }
  const Node* platform = target.holder->FindEitherCase("runtimePlatform");
  return platform != nullptr && TextOf(*platform, "cpuArchitecture") == "ARM64"
             ? "arm64"
             : "amd64";
}

absl::Status CannotWrap(absl::string_view why) {
  return absl::FailedPreconditionError(why);
}

std::vector<std::string> Launched(const std::vector<std::string>& entrypoint) {
  std::vector<std::string> words = {kLauncher, "--"};
  words.insert(words.end(), entrypoint.begin(), entrypoint.end());
  return words;
}

}  // namespace

absl::StatusOr<std::vector<Snippet::Member>> Wrap(const Target& target,
                                                  const Node& container,
                                                  const InjectOptions& options,
                                                  Editor& editor) {
  const Vocabulary& words = VocabularyOf(target);
  if (const Node* entry = container.FindEitherCase(words.entry)) {
    if (entry->kind != Node::Kind::kSequence || !entry->tag.empty() ||
        entry->items.empty()) {
      return CannotWrap(
          absl::StrCat(words.entry,
                       " is no list of words; write the list, or leave it out "
                       "and give --image-config"));
    }
    GATEWATCH_RETURN_IF_ERROR(editor.PrependItems(
        *entry, {Snippet::String(kLauncher), Snippet::String("--")}));
    return std::vector<Snippet::Member>();
  }
  const std::string image = TextOf(container, "image");
  const ImageConfig* config =
      options.images.Find(image, ArchitectureOf(target));
  if (config == nullptr) {
    return CannotWrap(absl::StrCat(
        "what the image \"", image, "\" runs on ", ArchitectureOf(target),
        " is not known; tell it by --image-config or --oci-layout, write its ",
        words.entry, ", or exclude the container"));
  }
  std::vector<Snippet::Member> members = {
      {KeyFor(target, words.entry),
       Snippet::Strings(Launched(config->entrypoint))}};
  const bool has_arguments = container.FindEitherCase(words.arguments);
  if (!has_arguments && !config->command.empty()) {
    members.push_back(
        {KeyFor(target, words.arguments), Snippet::Strings(config->command)});
  }
  if (!has_arguments && config->entrypoint.empty() && config->command.empty()) {
    return CannotWrap(absl::StrCat("the image \"", image, "\" runs nothing"));
  }
  return members;
}

}  // namespace gatewatch::iac
