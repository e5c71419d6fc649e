#include "probes/seccomp/cpu_load.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "tests/unit/probes/temp_tree.h"

namespace gatewatch::probes {
namespace {

constexpr int kCpus = 2;
constexpr int kLooks = 20;

// A /proc/loadavg that says what the test wants.
class CpuLoadTest {
 public:
  CpuLoadTest() { Say(1); }

  void Say(int runnable) {
    Write(absl::StrCat("0.20 0.18 0.12 ", runnable, "/80 11206\n"));
  }
  void Write(const std::string& text) { tree_.File("loadavg", text); }

  // The last of some looks.
  bool BusyAfterLooks() {
    bool busy = false;
    for (int i = 0; i < kLooks; ++i) busy = load().Sample();
    return busy;
  }
  CpuLoad& load() {
    if (!load_) load_.emplace(kCpus, tree_.path());
    return *load_;
  }

 private:
  testing::TempTree tree_;
  std::optional<CpuLoad> load_;
};

TEST_CASE_METHOD(CpuLoadTest, "as many others as CPUs keep them busy",
                 "[load]") {
  Say(kCpus);
  CHECK_FALSE(BusyAfterLooks());
  Say(kCpus + 1);
  CHECK(BusyAfterLooks());
  Say(kCpus);
  CHECK_FALSE(BusyAfterLooks());
}

TEST_CASE_METHOD(CpuLoadTest, "a moment changes nothing", "[load]") {
  Say(kCpus + 1);
  CHECK_FALSE(load().Sample());
  REQUIRE(BusyAfterLooks());
  Say(1);
  CHECK(load().Sample());
}

TEST_CASE_METHOD(CpuLoadTest, "what cannot be read keeps no CPU busy",
                 "[load]") {
  Write("nonsense");
  CHECK_FALSE(BusyAfterLooks());
  CpuLoad nowhere(kCpus, "/nonexistent");
  for (int i = 0; i < kLooks; ++i) CHECK_FALSE(nowhere.Sample());
}

}  // namespace
}  // namespace gatewatch::probes
