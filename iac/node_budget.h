#ifndef GATEWATCH_IAC_NODE_BUDGET_H_
#define GATEWATCH_IAC_NODE_BUDGET_H_

#include <cstddef>

namespace gatewatch::iac {

// How much a file may stand for. A few bytes of YAML can stand for more than
// fits into memory.
inline constexpr size_t kFileSizeLimit = 16 << 20;
inline constexpr int kDepthLimit = 128;
inline constexpr size_t kNodeLimit = 2'000'000;
inline constexpr size_t kAliasedNodeLimit = 200'000;
inline constexpr size_t kAliasedTextLimit = 64 << 20;

inline constexpr char kTooDeep[] = "nested deeper than 128 levels";
inline constexpr char kTooMany[] = "more than two million values";

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_NODE_BUDGET_H_
