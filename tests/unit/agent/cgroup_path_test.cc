#include "agent/cgroup_path.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

const std::string kId(64, 'a');
const std::string kOther(64, 'b');
const std::string kTask = "0123456789abcdef0123456789abcdef";

}  // namespace

TEST_CASE("a container's id is found however its runtime writes it",
          "[agent]") {
  const std::string forms[] = {
      "12:memory:/docker/" + kId + "\n",
      "0::/system.slice/docker-" + kId + ".scope\n",
      "0::/machine.slice/libpod-" + kId + ".scope/container\n",
      "1:name=systemd:/libpod_parent/libpod-" + kId + "\n",
      "5:cpu:/kubepods/burstable/pod1234-5678/" + kId + "\n",
      "0::/kubepods.slice/kubepods-pod12.slice/cri-containerd-" + kId +
          ".scope\n",
      "0::/kubepods.slice/crio-" + kId + ".scope",
      "9:pids:/ecs/" + kTask + "/" + kId + "\n",
      "0::/../" + kId + "\n",
  };
  for (const std::string& form : forms) {
    INFO(form);
    CHECK(ContainerIdFromCgroup(form) == kId);
  }
  CHECK(ContainerIdFromCgroup("1:cpu:/ecs/" + kTask + "/" + kTask +
                              "-1234567890\n") == kTask + "-1234567890");
}

TEST_CASE("lines without a container are passed over", "[agent]") {
  CHECK(ContainerIdFromCgroup("0::/\n1:cpu:/user.slice\n2:memory:/docker/" +
                              kId) == kId);
}

TEST_CASE("a cgroup that the workload made inside its own does not count",
          "[agent]") {
  CHECK(ContainerIdFromCgroup("0::/docker/" + kId + "/" + kOther) == kId);
}

TEST_CASE("what is no container's cgroup gives no id", "[agent]") {
  const std::string none[] = {
      "",
      "\n\n",
      "0::/",
      "::",
      ":",
      "garbage",
      "0::/user.slice/user-0.slice/session-1.scope",
      "0::/docker/" + kId.substr(1),
      "0::/docker/" + kId + "a",
      "0::/docker/" + std::string(64, 'Z'),
      "0::/ecs/" + kTask + "-",
      "0::/ecs/" + kTask + "-12x",
      "0::/ecs/" + kTask + "-" + std::string(64, '1'),
      std::string("0::/\0/x", 7),
      std::string(1 << 20, '/'),
      "0::" + std::string(1 << 17, 'x') + "/" + kId,
  };
  for (const std::string& content : none) {
    INFO(content.substr(0, 100));
    CHECK(ContainerIdFromCgroup(content).empty());
  }
}

}  // namespace gatewatch::agent
