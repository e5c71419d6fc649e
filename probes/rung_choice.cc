#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "probes/host_support.h"

namespace gatewatch::probes {
namespace {

// By what it is seen; what a rung sees it says itself.
enum class Source { kCall, kPacket };

struct Kind {
  absl::string_view name;
  Source source;
  bool polled;  // by the procfs rung too, as far as polling goes
};

constexpr Kind kKinds[] = {
    {"start", Source::kCall, true},     {"exec", Source::kCall, true},
    {"exit", Source::kCall, true},      {"credentials", Source::kCall, false},
    {"ptrace", Source::kCall, false},   {"signal", Source::kCall, false},
    {"memfd", Source::kCall, false},    {"execmem", Source::kCall, false},
    {"dup", Source::kCall, false},      {"namespace", Source::kCall, false},
    {"mount", Source::kCall, false},    {"kernel", Source::kCall, false},
    {"open", Source::kCall, true},      {"unlink", Source::kCall, true},
    {"rename", Source::kCall, true},    {"link", Source::kCall, false},
    {"symlink", Source::kCall, false},  {"chmod", Source::kCall, false},
    {"chown", Source::kCall, false},    {"mkdir", Source::kCall, false},
    {"rmdir", Source::kCall, false},    {"mknod", Source::kCall, false},
    {"truncate", Source::kCall, false}, {"xattr", Source::kCall, false},
    {"connect", Source::kCall, true},   {"bind", Source::kCall, false},
    {"listen", Source::kCall, true},    {"accept", Source::kCall, true},
    {"sendto", Source::kCall, false},   {"socket", Source::kCall, false},
    {"dns", Source::kPacket, false},
};

enum class Sees { kCalls, kPolled, kPackets };

struct Rung {
  absl::string_view name;
  Sees sees;
  std::array<absl::string_view, 4> needs;  // features; empty ones do not count
};

// From the top.
constexpr Rung kLadder[] = {
    {"ebpf",
     Sees::kCalls,
     {feature::kBpfMap, feature::kKernelTypes, feature::kBpfProgram}},
    {"attach",
     Sees::kCalls,
     {feature::kNotification, feature::kAllThreads, feature::kOthersVisible,
      feature::kOthersAccess}},
    {"launch", Sees::kCalls, {feature::kNotification}},
    {"ptrace", Sees::kCalls, {feature::kTraceChildren}},
    {"procfs", Sees::kPolled, {feature::kProcfs}},
    {"packet", Sees::kPackets, {feature::kPacketSocket}},
};

bool Serves(const Rung& rung, const Kind& kind) {
  switch (rung.sees) {
    case Sees::kCalls:
      return kind.source != Source::kPacket;
    case Sees::kPolled:
      return kind.polled;
    case Sees::kPackets:
      return kind.source == Source::kPacket;
  }
  return false;
}

// Empty when the rung can be had.
std::string WhyNot(const Rung& rung, const std::vector<HostFeature>& features,
                   const std::vector<std::string>& offered) {
  if (std::find(offered.begin(), offered.end(), rung.name) == offered.end()) {
    return "not in use";
  }
  for (const absl::string_view need : rung.needs) {
    if (need.empty()) continue;
    const auto found =
        std::find_if(features.begin(), features.end(),
                     [need](const auto& known) { return known.name == need; });
    if (found == features.end()) return absl::StrCat(need, ": not tried");
    if (!found->present) return absl::StrCat(need, ": ", found->detail);
  }
  return "";
}

RungChoice ChooseFor(const Kind& kind, const std::vector<HostFeature>& features,
                     const std::vector<std::string>& offered) {
  RungChoice choice{std::string(kind.name), "", ""};
  for (const Rung& rung : kLadder) {
    if (!Serves(rung, kind)) continue;
    const std::string why_not = WhyNot(rung, features, offered);
    if (why_not.empty()) {
      choice.rung = std::string(rung.name);
      return choice;
    }
    absl::StrAppend(&choice.reason, choice.reason.empty() ? "" : "; ",
                    rung.name, ": ", why_not);
  }
  return choice;
}

}  // namespace

std::vector<std::string> AllRungs() {
  std::vector<std::string> names;
  for (const Rung& rung : kLadder) names.emplace_back(rung.name);
  return names;
}

std::vector<RungChoice> ChooseRungs(const std::vector<HostFeature>& features,
                                    const std::vector<std::string>& offered) {
  std::vector<RungChoice> choices;
  for (const Kind& kind : kKinds) {
    choices.push_back(ChooseFor(kind, features, offered));
  }
  return choices;
}

}  // namespace gatewatch::probes
