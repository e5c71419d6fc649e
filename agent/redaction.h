#ifndef GATEWATCH_AGENT_REDACTION_H_
#define GATEWATCH_AGENT_REDACTION_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "re2/set.h"

namespace gatewatch::agent {

// Takes secrets out of arguments and environment before they leave the host.
// A secret becomes "[REDACTED:xxxxxxxx]", where the digits are a keyed hash:
// equal secrets stay recognisable as equal, and nobody without the salt can
// try candidates.
//
// What is a secret is told by its form (access keys, tokens, private keys) or
// by what stands before it (flags, variables, headers, URLs). A reference to
// a variable or a command ("$TOKEN", "$(cat f)") is not one.
//
// Threads: any, at once.
// Input:   hostile bytes; time is linear in their number.
class Redactor {
 public:
  // Agents that are given the same salt give equal secrets equal hashes. An
  // empty salt becomes a random one.
  explicit Redactor(std::string salt);

  std::vector<std::string> Arguments(
      const std::vector<std::string>& arguments) const;

  // Only the variables that detection needs; all others are left out.
  std::vector<std::string> Environment(
      const std::vector<std::string>& environment) const;

 private:
  std::string Text(absl::string_view text) const;
  std::string Mark(absl::string_view secret) const;

  std::string salt_;
  // Tells in one pass which of the patterns match at all: few texts hold any
  // secret. Immutable after construction.
  RE2::Set any_;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_REDACTION_H_
