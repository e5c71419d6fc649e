#ifndef GATEWATCH_BENCH_RULE_MIX_H_
#define GATEWATCH_BENCH_RULE_MIX_H_

#include <cstddef>
#include <string>

namespace gatewatch::bench {

// A Falco file with that many rules. Which types of events they are for, which
// fields and operators they use and how much they share by macros is in the
// proportions of the rules that Falco publishes (its stable, incubating and
// sandbox files together); a tenth is about programs and paths that every
// system is full of. The same count gives the same file.
std::string RuleMix(size_t count);

}  // namespace gatewatch::bench

#endif  // GATEWATCH_BENCH_RULE_MIX_H_
