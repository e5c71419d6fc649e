#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "iac/checks/checks.h"
#include "iac/checks/each.h"
#include "re2/re2.h"

namespace gatewatch::iac {
namespace {

// "1.0" of "registry:5000/app:1.0"; empty without a tag.
std::string TagOf(const std::string& image) {
  const size_t slash = image.rfind('/');
  const size_t colon =
      image.find(':', slash == std::string::npos ? 0 : slash + 1);
  return colon == std::string::npos ? "" : image.substr(colon + 1);
}

void CheckImage(const Container& container, Report& report) {
  const Text& image = container.image;
  if (image.absent() || absl::StrContains(image.value, "@sha256:")) return;
  const std::string tag = TagOf(image.value);
  // Of "${Repository}:latest" the tag is known.
  const bool open = image.unknown() && (image.value.empty() || tag.empty() ||
                                        absl::StrContains(tag, "${"));
  if (open) {
    report.AddUnknown(container.subject, image.place,
                      "which version of its image it runs");
  } else if (tag.empty() || tag == "latest") {
    report.Add(container.subject, image.place,
               absl::StrCat("runs ", image.value,
                            ", which is another image after every push"));
  } else {
    report.Add(Severity::kLow, container.subject, image.place,
               absl::StrCat("runs ", image.value,
                            ", whose tag can be moved: it has no digest"));
  }
}

// The registry that a name begins with; Docker Hub's need none.
std::string RegistryOf(const std::string& image) {
  const size_t slash = image.find('/');
  if (slash == std::string::npos) return "docker.io";
  const std::string first = image.substr(0, slash);
  const bool is_host = absl::StrContains(first, '.') ||
                       absl::StrContains(first, ':') || first == "localhost" ||
                       absl::StrContains(first, "${");
  return is_host ? first : "docker.io";
}

bool IsPrivateEcr(const std::string& registry) {
  // Account and region may be filled in at deployment.
  static const RE2* const kEcr = new RE2(
      R"((\d{12}|\$\{[^}]*\})\.dkr\.ecr(-fips)?\.([a-z0-9-]+|\$\{[^}]*\}))"
      R"(\.(amazonaws\.com(\.cn)?|\$\{[^}]*\}))");
  return RE2::FullMatch(registry, *kEcr);
}

// "example.com" is a prefix of example.com/app, not of example.com.net/app.
bool HasPrefix(absl::string_view image, absl::string_view prefix) {
  return absl::ConsumePrefix(&image, prefix) &&
         (absl::EndsWith(prefix, "/") || image.empty() ||
          absl::StrContains("/:@", image.substr(0, 1)));
}

bool IsTrusted(const std::string& image, const CheckOptions& options) {
  return IsPrivateEcr(RegistryOf(image)) ||
         absl::c_any_of(options.trusted_registries,
                        [&](const std::string& prefix) {
                          return HasPrefix(image, prefix);
                        });
}

}  // namespace

void CheckImagePinned(const Model& model, Report& report) {
  EachContainer(model, [&](const Workload&, const Container& container) {
    CheckImage(container, report);
    if (container.version_consistency.Is("disabled")) {
      report.Add(container.subject, container.version_consistency.place,
                 "versionConsistency is disabled: tasks of one deployment may "
                 "run different images");
    }
  });
}

void CheckRegistry(const Model& model, Report& report) {
  EachContainer(model, [&](const Workload&, const Container& container) {
    const Text& image = container.image;
    if (image.absent() || IsTrusted(image.value, report.options())) return;
    const std::string registry = RegistryOf(image.value);
    if (image.unknown() &&
        (absl::StrContains(registry, "${") ||
         absl::StartsWith(image.value, "${") || image.value.empty())) {
      report.AddUnknown(container.subject, image.place,
                        "the registry of its image");
      return;
    }
    report.Add(container.subject, image.place,
               absl::StrCat("its image comes from ", registry,
                            ", not from a registry of yours"));
  });
}

}  // namespace gatewatch::iac
