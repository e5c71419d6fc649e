#ifndef GATEWATCH_BENCH_SIGMA_MIX_H_
#define GATEWATCH_BENCH_SIGMA_MIX_H_

#include <cstddef>
#include <string>

namespace gatewatch::bench {

// The same as RuleMix, of Sigma's rules: log sources, fields, modifiers and
// conditions in the proportions of those published for Linux. The same count
// gives the same file.
std::string SigmaMix(size_t count);

}  // namespace gatewatch::bench

#endif  // GATEWATCH_BENCH_SIGMA_MIX_H_
