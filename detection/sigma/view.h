#ifndef GATEWATCH_DETECTION_SIGMA_VIEW_H_
#define GATEWATCH_DETECTION_SIGMA_VIEW_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "detection/expression.h"
#include "detection/sigma/transform.h"

namespace YAML {
class Node;
}

namespace gatewatch::detection::sigma {

// What a rule or a view says of where its events come from; empty for what it
// does not say.
struct LogSource {
  std::string category;
  std::string product;
  std::string service;

  std::string Text() const;  // "windows/process_creation"
};

// How the rules of some log sources see our events.
struct View {
  std::string name;
  std::vector<LogSource> sources;  // "*" for any, if none
  bool json = false;               // events of any shape, see JsonEvent
  ExpressionPtr when;              // which events
  std::string output;
  Operand keywords;                       // all that keywords are sought in
  std::map<std::string, Operand> fields;  // by Sigma's name

  // A rule that does not say its product is for any.
  bool Fits(const LogSource& source) const;
  // What a field of Sigma's is here: an alias, or a name of our own, or in
  // JSON a path; else something that is always absent.
  Operand FieldOf(const std::string& name) const;
};

// A view, or placeholders with their values, in a file of the user's or in the
// one that is built in.
struct Definitions {
  std::vector<View> views;  // the first that fits is a log source's
  Placeholders placeholders;

  const View* Find(const LogSource& source) const;
};

// Adds what the value of the key `sigma` of such a file says. INVALID_ARGUMENT
// says what is wrong, and `at` becomes what it is wrong with.
absl::Status ReadDefinitions(const YAML::Node& node, Definitions& definitions,
                             YAML::Node& at);

// views.yaml as it was when the program was built.
absl::string_view BuiltInDefinitions();

// The keys of a log source that are read; others are for people.
absl::StatusOr<LogSource> ReadLogSource(const YAML::Node& node);

}  // namespace gatewatch::detection::sigma

#endif  // GATEWATCH_DETECTION_SIGMA_VIEW_H_
