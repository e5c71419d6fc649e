#include "analyzer/capture_policy.h"

#include <set>
#include <string>

namespace gatewatch::analyzer {
namespace {

constexpr const char* kAlways[] = {
    "start",  "exec",  "exit",      "credentials", "connect", "dns",
    "ptrace", "memfd", "namespace", "mount",       "kernel"};

}  // namespace

std::optional<v1::CapturePolicy> PolicyFor(const detection::RuleSet& rules) {
  const auto needed = rules.NeededKinds();
  if (!needed) return std::nullopt;
  std::set<std::string> kinds(needed->begin(), needed->end());
  kinds.insert(std::begin(kAlways), std::end(kAlways));
  v1::CapturePolicy policy;
  policy.mutable_kinds()->Assign(kinds.begin(), kinds.end());
  return policy;
}

}  // namespace gatewatch::analyzer
