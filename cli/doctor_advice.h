#ifndef GATEWATCH_CLI_DOCTOR_ADVICE_H_
#define GATEWATCH_CLI_DOCTOR_ADVICE_H_

#include <string>
#include <vector>

#include "probes/host_support.h"

namespace gatewatch::cli {

// Where the program runs, and so what an operator can change.
enum class Platform { kEcs, kKubernetes, kHost };

struct Advice {
  std::string feature;  // what is missing, as probes/host_support.h names it
  std::string change;   // what to change, and what that brings
};

// What to change to see more, the most important first. Nothing about what
// makes no difference, since a higher rung of the ladder is there.
std::vector<Advice> AdviceFor(const std::vector<probes::HostFeature>& features,
                              Platform platform);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_DOCTOR_ADVICE_H_
