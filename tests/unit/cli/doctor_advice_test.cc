#include "cli/doctor_advice.h"

#include "catch2/catch.hpp"

namespace gatewatch::cli {
namespace {

namespace feature = probes::feature;
using probes::HostFeature;

HostFeature Missing(absl::string_view name, const std::string& detail = "no") {
  return {std::string(name), false, detail};
}

HostFeature Present(absl::string_view name) {
  return {std::string(name), true, "yes"};
}

}  // namespace

TEST_CASE("a task without SYS_PTRACE is told where to add it", "[cli]") {
  const auto advice =
      AdviceFor({Missing(feature::kSysPtrace, "not granted")}, Platform::kEcs);
  REQUIRE(advice.size() == 1);
  CHECK(advice[0].feature == feature::kSysPtrace);
  CHECK_THAT(advice[0].change,
             Catch::Contains("linuxParameters.capabilities.add"));
}

TEST_CASE("a capability that is granted in vain is told apart", "[cli]") {
  const auto advice = AdviceFor(
      {Missing(feature::kSysPtrace, "granted, but not effective for uid 7")},
      Platform::kEcs);
  REQUIRE(advice.size() == 1);
  CHECK_THAT(advice[0].change, Catch::Contains("setcap cap_sys_ptrace"));
}

TEST_CASE("each platform shares its processes in its own way", "[cli]") {
  const std::vector<HostFeature> alone = {Missing(feature::kOthersVisible)};
  CHECK_THAT(AdviceFor(alone, Platform::kEcs).at(0).change,
             Catch::Contains("\"pidMode\": \"task\""));
  CHECK_THAT(AdviceFor(alone, Platform::kKubernetes).at(0).change,
             Catch::Contains("shareProcessNamespace: true"));
  CHECK_THAT(AdviceFor(alone, Platform::kHost).at(0).change,
             Catch::Contains("--pid=host"));
}

TEST_CASE("nobody is told to get eBPF onto Fargate", "[cli]") {
  CHECK(AdviceFor({Missing(feature::kBpfProgram)}, Platform::kEcs).empty());
}

TEST_CASE("where eBPF works, what attaching lacks does not matter", "[cli]") {
  const auto advice = AdviceFor(
      {Present(feature::kBpfMap), Present(feature::kBpfProgram),
       Present(feature::kKernelTypes), Missing(feature::kSysPtrace),
       Missing(feature::kNotification), Missing(feature::kPacketSocket)},
      Platform::kHost);
  REQUIRE(advice.size() == 1);
  CHECK(advice[0].feature == feature::kPacketSocket);
}

TEST_CASE("where nothing is missing there is nothing to change", "[cli]") {
  CHECK(AdviceFor({Present(feature::kSysPtrace)}, Platform::kEcs).empty());
}

}  // namespace gatewatch::cli
