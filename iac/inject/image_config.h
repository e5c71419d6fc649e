#ifndef GATEWATCH_IAC_INJECT_IMAGE_CONFIG_H_
#define GATEWATCH_IAC_INJECT_IMAGE_CONFIG_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace gatewatch::iac {

// What an image runs when nobody says otherwise.
struct ImageConfig {
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
};

// What images run, told from files, since a registry may be out of reach.
class ImageConfigs {
 public:
  // A file that maps images to configurations, or for each architecture to one,
  //   {"shop:1": {"Entrypoint": […], "Cmd": […]}, "pay:2": {"arm64": {…}}}
  // or what `docker inspect IMAGE…` prints.
  absl::Status AddFile(const std::string& path);

  // A folder in the OCI image layout. `image` is its name; without one, the
  // names that its index tells.
  absl::Status AddLayout(const std::string& image, const std::string& folder);

  // An empty architecture stands for any.
  void Add(const std::string& image, const std::string& architecture,
           ImageConfig config);

  // Null when it is not known. Architectures are named as in images: amd64.
  const ImageConfig* Find(absl::string_view image,
                          absl::string_view architecture) const;

 private:
  // By image, then by architecture; "" is any.
  std::map<std::string, std::map<std::string, ImageConfig, std::less<>>,
           std::less<>>
      images_;
};

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_INJECT_IMAGE_CONFIG_H_
