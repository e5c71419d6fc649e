// Every awkward kind of workload does under observation what it does alone.

#include <string>
#include <vector>

#include "catch2/catch.hpp"
#include "tests/contract/watch.h"

namespace gatewatch::testing {
namespace {

struct Awkward {
  const char* what;
  std::vector<std::string> command;
};

std::vector<Awkward> AwkwardOnes() {
  return {
      {"a thousand threads", {Program("thousand_threads")}},
      {"vfork", {Program("vfork_many")}},
      {"exec from a thread", {Program("exec_from_thread")}},
      {"signals every 100 µs", {Program("signal_storm")}},
      {"SIGSTOP and SIGCONT", {Program("stop_and_continue")}},
      {"a double fork", {Program("double_fork")}},
      {"a static binary", {Program("static_hello")}},
      {"a pipeline with job control",
       {"/bin/bash", "-m", "-c",
        "seq 200 | sort -rn | head -3; sleep 0.05 & jobs | wc -l; wait; "
        "(exit 6)"}},
      {"an exit by a signal", {"/bin/sh", "-c", "kill -9 $$"}},
      {"a command that is not there", {"/nonexistent/command"}},
      {"many processes at once",
       {"/bin/bash", "-c",
        "for i in $(seq 100); do (/bin/true; echo x) & done; wait; echo end"}},
  };
}

}  // namespace

TEST_CASE("an awkward workload finishes as it would alone", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  for (const Awkward& awkward : AwkwardOnes()) {
    DYNAMIC_SECTION(awkward.what) {
      const bool missing = awkward.command[0] == "/nonexistent/command";
      const Finished watched = RunWatched(rung, awkward.command);
      if (missing) {
        CHECK(watched.status == 127);
        continue;
      }
      const Finished bare = RunBare(awkward.command);
      CHECK(watched.output == bare.output);
      CHECK(watched.status == bare.status);
    }
  }
}

TEST_CASE("a command is started as the first process of a pid namespace",
          "[contract]") {
  // As the entry point of a container is. No agent listens.
  const Finished finished =
      RunBare({"/usr/bin/unshare", "--pid", "--fork", "--mount-proc",
               Program("gatewatch-launch"), "--socket", "gatewatch-test-none",
               "--", "/bin/sh", "-c", "echo $$; exit 5"});
  if (finished.output.find("unshare") != std::string::npos) {
    return Skip("no pid namespace can be made here: " + finished.output);
  }
  CHECK(finished.output == "1\n");
  CHECK(finished.status == 5);
}

TEST_CASE("no observer holds the workload's descriptors", "[contract]") {
  GATEWATCH_EACH_RUNG(rung);
  // The reader of the pipe sees its end although an observer stays as long as
  // the sleeping grandchild.
  const Finished finished = RunWatched(
      rung, {"/bin/sh", "-c", "sleep 1 >/dev/null 2>&1 & echo first"});
  CHECK(finished.output == "first\n");
}

}  // namespace gatewatch::testing
