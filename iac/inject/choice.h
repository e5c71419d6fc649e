#ifndef GATEWATCH_IAC_INJECT_CHOICE_H_
#define GATEWATCH_IAC_INJECT_CHOICE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "iac/inject/options.h"
#include "iac/inject/target.h"

namespace gatewatch::iac {

// Which of a target's containers inject is to touch.
struct Choice {
  std::string why_not;  // why none; empty: go on
  std::vector<size_t> containers;
  std::vector<std::string> left_alone;  // "NAME: why"
};

Choice Choose(const Target& target, const InjectOptions& options);

// The text of a container's key; empty when there is none.
std::string TextOf(const Node& container, absl::string_view key);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_INJECT_CHOICE_H_
