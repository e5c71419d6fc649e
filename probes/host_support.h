#ifndef GATEWATCH_PROBES_HOST_SUPPORT_H_
#define GATEWATCH_PROBES_HOST_SUPPORT_H_

#include <string>
#include <vector>

namespace gatewatch::probes {

// One thing that capture may need, and whether this process has it here.
struct HostFeature {
  std::string name;  // "seccomp user notification"
  bool present = false;
  std::string detail;  // what was tried and what it said
};

// Finds out what the host permits this process by trying it, never by a
// version string. Harmless: nothing outside this process is changed, and what
// it starts is ended.
std::vector<HostFeature> ProbeHost();

// Which rung of the capture ladder serves an event kind here.
struct RungChoice {
  std::string kind;    // as proto/event_kind.h names it
  std::string rung;    // "launch", "procfs" …; empty: none
  std::string reason;  // why no better rung; empty when it is the best
};

std::vector<RungChoice> ChooseRungs(const std::vector<HostFeature>& features);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_HOST_SUPPORT_H_
