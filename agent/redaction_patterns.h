#ifndef GATEWATCH_AGENT_REDACTION_PATTERNS_H_
#define GATEWATCH_AGENT_REDACTION_PATTERNS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "re2/re2.h"

namespace gatewatch::agent {

// What secrets look like: the tables behind Redactor. All live as long as the
// program.

// Within one text. Each capturing group of a match is a secret. In this order:
// the earlier the more specific.
const std::vector<const RE2*>& SecretPatterns();

// An argument that announces that the next one is a secret: `tool` matches
// the base name of argv[0], `flag` the announcing argument, both whole.
struct AnnouncingFlag {
  const RE2* tool;
  const RE2* flag;
  // The secret in the next argument; its groups as above.
  const RE2* secret;
};
const std::vector<AnnouncingFlag>& AnnouncingFlags();

// A flag with the secret attached to it ("mysql -pX"): a match's groups are
// secrets.
struct AttachedFlag {
  const RE2* tool;
  const RE2* argument;
};
const std::vector<AttachedFlag>& AttachedFlags();

// Whether a variable's value helps detection enough to leave the host.
bool IsReportedVariable(absl::string_view name);

// Latin-1, so that every byte string is text; "." matches a newline.
RE2::Options PatternOptions();

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_REDACTION_PATTERNS_H_
