#include "iac/inject/image_config.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/files.h"
#include "base/status.h"

namespace gatewatch::iac {
namespace {

using nlohmann::json;

constexpr size_t kFileLimit = 16 << 20;
constexpr int kIndexDepthLimit = 4;

absl::StatusOr<json> ReadJsonFile(const std::string& path) {
  GATEWATCH_ASSIGN_OR_RETURN(const std::string text,
                             ReadFile(path, kFileLimit));
  json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!value.is_discarded()) return value;
  return absl::InvalidArgumentError(absl::StrCat(path, ": this is no JSON"));
}

// The member of an object; null when there is none.
const json& At(const json& object, const char* key) {
  static const json& none = *new json();
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

std::string Text(const json& value) {
  return value.is_string() ? value.get<std::string>() : "";
}

std::vector<std::string> Words(const json& list) {
  std::vector<std::string> words;
  if (!list.is_array()) return words;
  for (const json& word : list) words.push_back(Text(word));
  return words;
}

bool IsConfig(const json& value) {
  return value.contains("Entrypoint") || value.contains("Cmd");
}

ImageConfig ToConfig(const json& value) {
  return {Words(At(value, "Entrypoint")), Words(At(value, "Cmd"))};
}

// A digest names a file, so it must be one: sha256:HEX.
absl::StatusOr<json> ReadBlob(const std::string& folder,
                              const std::string& digest) {
  const bool good =
      absl::StartsWith(digest, "sha256:") &&
      digest.find_first_not_of("0123456789abcdef", 7) == std::string::npos;
  if (!good) {
    return absl::InvalidArgumentError(
        absl::StrCat(folder, ": not a digest: ", digest));
  }
  return ReadJsonFile(absl::StrCat(folder, "/blobs/",
                                   absl::StrReplaceAll(digest, {{":", "/"}})));
}

using ByArchitecture = std::map<std::string, ImageConfig, std::less<>>;

// A descriptor leads to an index of more descriptors, or to a manifest.
absl::Status Follow(const std::string& folder, const json& descriptor,
                    int depth, ByArchitecture& configs) {
  if (depth > kIndexDepthLimit) {
    return absl::InvalidArgumentError(
        absl::StrCat(folder, ": indexes within indexes without end"));
  }
  GATEWATCH_ASSIGN_OR_RETURN(const json blob,
                             ReadBlob(folder, Text(At(descriptor, "digest"))));
  for (const json& next : At(blob, "manifests")) {
    GATEWATCH_RETURN_IF_ERROR(Follow(folder, next, depth + 1, configs));
  }
  const std::string digest = Text(At(At(blob, "config"), "digest"));
  if (digest.empty()) return absl::OkStatus();
  GATEWATCH_ASSIGN_OR_RETURN(const json config, ReadBlob(folder, digest));
  const std::string architecture = Text(At(config, "architecture"));
  if (At(config, "config").is_object()) {
    configs[architecture] = ToConfig(At(config, "config"));
  }
  return absl::OkStatus();
}

std::vector<std::string> NamesOf(const json& descriptor) {
  std::vector<std::string> names;
  for (const char* key :
       {"io.containerd.image.name", "org.opencontainers.image.ref.name"}) {
    const std::string name = Text(At(At(descriptor, "annotations"), key));
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

}  // namespace

absl::Status ImageConfigs::AddFile(const std::string& path) {
  GATEWATCH_ASSIGN_OR_RETURN(const json file, ReadJsonFile(path));
  if (file.is_array()) {  // docker inspect
    for (const json& image : file) {
      for (const char* names : {"RepoTags", "RepoDigests"}) {
        for (const std::string& name : Words(At(image, names))) {
          Add(name, Text(At(image, "Architecture")),
              ToConfig(At(image, "Config")));
        }
      }
    }
    return absl::OkStatus();
  }
  if (!file.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": neither a map of images nor docker inspect's"));
  }
  for (const auto& [image, value] : file.items()) {
    if (IsConfig(value)) {
      Add(image, "", ToConfig(value));
    } else if (value.is_object()) {
      for (const auto& [architecture, config] : value.items()) {
        Add(image, architecture, ToConfig(config));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status ImageConfigs::AddLayout(const std::string& image,
                                     const std::string& folder) {
  GATEWATCH_ASSIGN_OR_RETURN(const json index,
                             ReadJsonFile(folder + "/index.json"));
  for (const json& descriptor : At(index, "manifests")) {
    ByArchitecture configs;
    GATEWATCH_RETURN_IF_ERROR(Follow(folder, descriptor, 1, configs));
    const std::vector<std::string> names =
        image.empty() ? NamesOf(descriptor) : std::vector{image};
    for (const std::string& name : names) {
      images_[name].insert(configs.begin(), configs.end());
    }
  }
  return absl::OkStatus();
}

void ImageConfigs::Add(const std::string& image,
                       const std::string& architecture, ImageConfig config) {
  images_[image][architecture] = std::move(config);
}

const ImageConfig* ImageConfigs::Find(absl::string_view image,
                                      absl::string_view architecture) const {
  const auto known = images_.find(image);
  if (known == images_.end()) return nullptr;
  for (const absl::string_view key : {architecture, absl::string_view()}) {
    const auto config = known->second.find(key);
    if (config != known->second.end()) return &config->second;
  }
  return nullptr;
}

}  // namespace gatewatch::iac
