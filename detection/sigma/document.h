#ifndef GATEWATCH_DETECTION_SIGMA_DOCUMENT_H_
#define GATEWATCH_DETECTION_SIGMA_DOCUMENT_H_

// Sigma's documents as they are written, before anything is compiled. Only for
// this folder's own sources: it shows the YAML library.

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "detection/place.h"
#include "detection/sigma/view.h"
#include "gatewatch/v1/query.pb.h"

namespace gatewatch::detection::sigma {

// A detection, or the filter of a filter.
struct Detection {
  struct Selection {
    std::string name;
    YAML::Node node;
  };
  std::vector<Selection> selections;
  std::vector<std::string> conditions;  // one of them has to hold
  bool has_timeframe = false;
};

struct Rule {
  v1::Rule described;  // without a status
  std::string short_name;
  LogSource source;
  Detection detection;
  std::vector<std::string> shown_fields;
  Place place;
};

struct Filter {
  std::string title;
  LogSource source;
  std::vector<std::string> rules;  // none: all
  Detection detection;
  Place place;
};

struct Correlation {
  v1::Rule described;
  std::string short_name;
  std::vector<std::string> rules;
  bool generate = false;
  Place place;
};

// INVALID_ARGUMENT says what is wrong, and `at` becomes what it is wrong with.
absl::StatusOr<Rule> ReadRule(const YAML::Node& document, YAML::Node& at);
absl::StatusOr<Filter> ReadFilter(const YAML::Node& document, YAML::Node& at);
absl::StatusOr<Correlation> ReadCorrelation(const YAML::Node& document,
                                            YAML::Node& at);

// What all of them have: title, id, level, tags, description.
absl::Status Describe(const YAML::Node& document, v1::Rule& rule,
                      std::string& short_name, YAML::Node& at);
// A text, or a list of texts; none when there is no such key.
absl::StatusOr<std::vector<std::string>> TextsAt(const YAML::Node& node,
                                                 const char* key,
                                                 YAML::Node& at);

}  // namespace gatewatch::detection::sigma

#endif  // GATEWATCH_DETECTION_SIGMA_DOCUMENT_H_
