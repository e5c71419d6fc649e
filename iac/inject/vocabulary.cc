#include "iac/inject/vocabulary.h"

#include "absl/strings/ascii.h"

namespace gatewatch::iac {
namespace {

constexpr Vocabulary kEcs = {.share_processes = "pidMode",
                             .shared = "task",
                             .entry = "entryPoint",
                             .arguments = "command",
                             .mounts = "mountPoints",
                             .mounted_volume = "sourceVolume",
                             .environment = "environment"};

constexpr Vocabulary kKubernetes = {.share_processes = "shareProcessNamespace",
                                    .shared = "true",
                                    .entry = "command",
                                    .arguments = "args",
                                    .mounts = "volumeMounts",
                                    .mounted_volume = "name",
                                    .environment = "env"};

}  // namespace

const Vocabulary& VocabularyOf(const Target& target) {
  return target.shape == Target::Shape::kPod ? kKubernetes : kEcs;
}

std::string KeyFor(const Target& target, absl::string_view key) {
  std::string written(key);
  if (target.pascal) written[0] = absl::ascii_toupper(written[0]);
  return written;
}

}  // namespace gatewatch::iac
