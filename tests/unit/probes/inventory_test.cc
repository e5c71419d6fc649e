#include "probes/procfs/inventory.h"

#include <unistd.h>

#include <algorithm>

#include "catch2/catch.hpp"
#include "probes/procfs/proc_reader.h"
#include "tests/unit/probes/temp_tree.h"

namespace gatewatch::probes {
namespace {

using testing::TempTree;

std::vector<pid_t> PidsOf(const std::vector<ProcessSnapshot>& processes) {
  std::vector<pid_t> pids;
  for (const ProcessSnapshot& process : processes) {
    pids.push_back(process.id.pid);
  }
  return pids;
}

}  // namespace

TEST_CASE("this process and its parent are in the inventory", "[inventory]") {
  const auto processes = TakeInventory();
  const auto find = [&](pid_t pid) {
    return std::find_if(
        processes.begin(), processes.end(),
        [&](const ProcessSnapshot& process) { return process.id.pid == pid; });
  };
  const auto self = find(::getpid());
  const auto parent = find(::getppid());
  REQUIRE(self != processes.end());
  REQUIRE(parent != processes.end());
  CHECK(parent < self);
  CHECK(self->parent == parent->id);
  CHECK(self->id.start_ticks == ProcReader().Stat(::getpid())->start_ticks);
  CHECK(self->executable.path.find("probes_test") != std::string::npos);
  CHECK(self->credentials.effective_uid == ::geteuid());
  CHECK_FALSE(self->arguments.empty());
}

TEST_CASE("a parent comes before its children", "[inventory]") {
  const TempTree proc;
  proc.Process(1, 0, 10);
  proc.Process(900, 1, 20);
  proc.Process(17, 900, 30);  // pids wrapped
  proc.Process(18, 17, 30);   // in the same tick
  proc.Process(5, 1, 40);
  CHECK(PidsOf(TakeInventory(proc.path())) ==
        std::vector<pid_t>{1, 900, 17, 18, 5});
}

TEST_CASE("a parent is known by its start time too", "[inventory]") {
  const TempTree proc;
  proc.Process(1, 0, 10);
  proc.Process(7, 1, 20);
  proc.Process(8, 6, 30);  // its parent ended
  const auto processes = TakeInventory(proc.path());
  REQUIRE(processes.size() == 3);
  CHECK(processes[0].parent == ProcessId{});
  CHECK(processes[1].parent == ProcessId{1, 10});
  CHECK(processes[2].parent == ProcessId{6, 0});
}

TEST_CASE("what is no process is left out", "[inventory]") {
  const TempTree proc;
  proc.Process(1, 0, 10);
  proc.File("uptime", "1.0 1.0");
  proc.Directory("sys");
  proc.Directory("12a");
  proc.Directory("13");          // ended while it was read
  proc.File("14/stat", "14 (");  // malformed
  CHECK(PidsOf(TakeInventory(proc.path())) == std::vector<pid_t>{1});
}

TEST_CASE("where there is no procfs the inventory is empty", "[inventory]") {
  CHECK(TakeInventory("/nonexistent").empty());
}

}  // namespace gatewatch::probes
