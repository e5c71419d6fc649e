#ifndef GATEWATCH_DETECTION_YAML_DOCUMENTS_H_
#define GATEWATCH_DETECTION_YAML_DOCUMENTS_H_

#include <string>
#include <vector>

namespace YAML {
class Node;
}

namespace gatewatch::detection {

// The documents of a YAML file that nobody vouches for. Throws what yaml-cpp
// throws, with the place, when the text is no YAML and when it is larger than
// 16 MiB, nests deeper than 64, or, its aliases followed, has more than a
// million values or 64 MiB of text.
std::vector<YAML::Node> LoadYamlDocuments(const std::string& text);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_YAML_DOCUMENTS_H_
