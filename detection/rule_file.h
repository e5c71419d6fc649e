#ifndef GATEWATCH_DETECTION_RULE_FILE_H_
#define GATEWATCH_DETECTION_RULE_FILE_H_

// Falco rule files as definitions, before anything is compiled: YAML read,
// appends and overrides applied.

#include <map>
#include <string>
#include <vector>

#include "detection/place.h"
#include "detection/rule_set.h"
#include "gatewatch/v1/alert.pb.h"

namespace gatewatch::detection {

struct ListDefinition {
  std::vector<std::string> items;  // may name other lists
  Place place;
};

struct MacroDefinition {
  PlacedText condition;
};

struct RuleDefinition {
  std::string name;
  std::string description;
  PlacedText condition;
  PlacedText output;
  v1::Severity severity = v1::SEVERITY_UNSPECIFIED;
  std::vector<std::string> tags;
  bool enabled = true;
  std::string source = "syscall";
  bool skip_if_unknown_field = false;  // instead of being an error
  Place place;

  struct Exception {
    std::string name;
    std::vector<std::string> fields;
    std::vector<std::string> operators;  // one a field
    // Rows of values as written; one a field, each a text or several.
    std::vector<std::vector<std::vector<std::string>>> values;
    bool single = false;  // one field that is no list: rows are alternatives
    Place place;
  };
  std::vector<Exception> exceptions;
};

struct Definitions {
  std::map<std::string, ListDefinition> lists;
  std::map<std::string, MacroDefinition> macros;
  std::vector<RuleDefinition> rules;  // in the order of first definition
  std::map<std::string, size_t> rule_index;
};

namespace sigma {
class SigmaRules;
}

// Adds the definitions of one file; those of Sigma, which are told apart by
// their keys, to `sigma`. What is wrong is appended to `errors`,
// what is odd to `warnings`, each as "FILE:LINE:COLUMN: what". Nothing is taken
// from a file that LoadYamlDocuments refuses.
void ReadRuleFile(const RuleSource& source, Definitions& definitions,
                  sigma::SigmaRules& sigma, std::vector<std::string>& errors,
                  std::vector<std::string>& warnings);

// Falco puts values into conditions as text, so that some files quote inside
// of YAML's quotes: '"(systemd)"'. Without those.
std::string Unquoted(std::string value);

// The severity of a Falco priority, in any case; unspecified: there is none.
v1::Severity SeverityOf(const std::string& priority);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_RULE_FILE_H_
