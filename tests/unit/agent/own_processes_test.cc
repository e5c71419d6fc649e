#include "agent/own_processes.h"

#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

probes::ProcessSnapshot Process(pid_t pid, uint64_t start, uint64_t inode) {
  probes::ProcessSnapshot process;
  process.id = {.pid = pid, .start_ticks = start};
  process.executable.inode = inode;
  process.executable.device = 5;
  process.name = "gatewatch-agent";
  return process;
}

}  // namespace

TEST_CASE("the agent's own process is known by pid, start time and file",
          "[own]") {
  OwnProcesses own;
  own.Add(Process(10, 100, 7));
  CHECK(own.Contains(Process(10, 100, 7)));
  CHECK_FALSE(own.Contains(Process(10, 101, 7)));  // the pid again
  CHECK_FALSE(own.Contains(Process(11, 100, 7)));  // the same name and file
}

TEST_CASE("an own process that executes another file is no longer one",
          "[own]") {
  OwnProcesses own;
  own.Add(Process(10, 100, 7));
  CHECK_FALSE(own.Contains(Process(10, 100, 8)));
}

TEST_CASE("a process whose file is not known is never an own one", "[own]") {
  OwnProcesses own;
  own.Add(Process(10, 100, 0));
  CHECK_FALSE(own.Contains(Process(10, 100, 0)));
}

}  // namespace gatewatch::agent
