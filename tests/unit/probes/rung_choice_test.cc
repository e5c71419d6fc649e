#include <algorithm>
#include <map>

#include "catch2/catch.hpp"
#include "probes/host_support.h"

namespace gatewatch::probes {
namespace {

// A host with all that the ladder needs, but for `missing`.
std::vector<HostFeature> HostWithout(
    const std::vector<absl::string_view>& missing) {
  std::vector<HostFeature> features;
  for (const absl::string_view name :
       {feature::kBpfMap, feature::kKernelTypes, feature::kBpfProgram,
        feature::kNotification, feature::kAllThreads, feature::kOthersVisible,
        feature::kOthersAccess, feature::kTraceChildren, feature::kProcfs,
        feature::kPacketSocket}) {
    const bool present =
        std::find(missing.begin(), missing.end(), name) == missing.end();
    features.push_back({std::string(name), present, present ? "yes" : "EPERM"});
  }
  return features;
}

RungChoice ChoiceFor(const std::string& kind,
                     const std::vector<HostFeature>& features,
                     const std::vector<std::string>& offered = AllRungs()) {
  for (RungChoice& choice : ChooseRungs(features, offered)) {
    if (choice.kind == kind) return std::move(choice);
  }
  FAIL("no choice for " << kind);
  return {};
}

}  // namespace

TEST_CASE("the ladder is climbed as far as the host permits", "[rungs]") {
  struct Step {
    std::vector<absl::string_view> missing;
    std::string open, chmod;
  };
  const Step steps[] = {
      {{}, "ebpf", "ebpf"},
      {{feature::kKernelTypes}, "attach", "attach"},
      {{feature::kBpfProgram}, "attach", "attach"},
      {{feature::kBpfMap, feature::kOthersAccess}, "launch", "launch"},
      {{feature::kBpfMap, feature::kOthersVisible}, "launch", "launch"},
      {{feature::kBpfMap, feature::kAllThreads}, "launch", "launch"},
      {{feature::kBpfMap, feature::kNotification}, "ptrace", "ptrace"},
      {{feature::kBpfMap, feature::kNotification, feature::kTraceChildren},
       "procfs",
       ""},
      {{feature::kBpfMap, feature::kNotification, feature::kTraceChildren,
        feature::kProcfs},
       "",
       ""}};
  for (const Step& step : steps) {
    const auto host = HostWithout(step.missing);
    CHECK(ChoiceFor("open", host).rung == step.open);
    CHECK(ChoiceFor("chmod", host).rung == step.chmod);
  }
}

TEST_CASE("the best rung needs no excuse", "[rungs]") {
  CHECK(ChoiceFor("exec", HostWithout({})).reason.empty());
}

TEST_CASE("each better rung says what it lacks", "[rungs]") {
  const auto host = HostWithout({feature::kBpfProgram, feature::kOthersAccess});
  CHECK(ChoiceFor("exec", host).reason ==
        "ebpf: eBPF program: EPERM; "
        "attach: access to other containers: EPERM");
}

TEST_CASE("DNS is for a packet socket alone", "[rungs]") {
  CHECK(ChoiceFor("dns", HostWithout({})).rung == "packet");
  CHECK(ChoiceFor("dns", HostWithout({feature::kPacketSocket})).rung.empty());
}

TEST_CASE("a rung that is not offered is not chosen", "[rungs]") {
  const RungChoice choice = ChoiceFor("exec", HostWithout({}), {"launch"});
  CHECK(choice.rung == "launch");
  CHECK(choice.reason == "ebpf: not in use; attach: not in use");
}

TEST_CASE("a host of which nothing is known has no rung", "[rungs]") {
  for (const RungChoice& choice : ChooseRungs({})) {
    INFO(choice.kind);
    CHECK(choice.rung.empty());
    CHECK_FALSE(choice.reason.empty());
  }
}

TEST_CASE("what is tried of the host is told with its answer", "[rungs]") {
  std::map<std::string, int> names;
  for (const HostFeature& feature : ProbeHost()) {
    INFO(feature.name);
    CHECK_FALSE(feature.detail.empty());
    CHECK(++names[feature.name] == 1);
  }
  // All that the ladder needs is among it.
  for (const RungChoice& choice : ChooseRungs(ProbeHost())) {
    CHECK(choice.reason.find("not tried") == std::string::npos);
  }
}

}  // namespace gatewatch::probes
