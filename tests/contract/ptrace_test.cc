// What is true of the ptrace rung alone: it comes to processes that run
// already, and it goes, in any way, without their noticing.

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "probes/procfs/proc_reader.h"
#include "probes/ptrace/ptrace_probe.h"
#include "tests/contract/collector.h"
#include "tests/contract/watch.h"

namespace gatewatch::testing {

using namespace probes;  // NOLINT: the details' names are what this is about

namespace {

constexpr char kManyOpens[] = "many_opens";
constexpr char kOpens[] = "400";
constexpr char kRounds[] = "250";  // longer than a test takes to interfere

class Folder {
 public:
  Folder() {
    std::string name = "/tmp/gatewatch-test-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string File(const char* name) const {
    return absl::StrCat(path_, "/", name);
  }
  void Make(const char* name) const { std::ofstream(File(name)) << "made"; }

 private:
  std::string path_;
};

// A probe that attaches, with what it observes.
class Attaching {
 public:
  Attaching() : probe_(PtraceProbe::ForAttach(collector_.queue())) {
    collector_.Begin([this] { probe_->Tick(); });
  }
  ~Attaching() { Finish(); }

  PtraceProbe& probe() { return *probe_; }

  Observed Finish() {
    Observed observed;
    observed.observations = collector_.End([this] { probe_->Stop(); });
    return observed;
  }

 private:
  Collector collector_;
  std::unique_ptr<PtraceProbe> probe_;
};

std::string OutputOf(HeldCommand& held) {
  return ReadToEnd(held.parent().output);
}

char StateOf(pid_t pid) {
  const auto stat = ProcReader().Stat(pid);
  return stat.ok() ? stat->state : '?';
}

std::vector<std::string> ManyOpens(const Folder& folder) {
  return {Program(kManyOpens), kOpens, folder.File("f"), kRounds};
}

size_t LossesOf(const Observed& seen, LossReason reason) {
  size_t losses = 0;
  for (const Observation* one : seen.Of<ObservationsLost>()) {
    losses += std::get<ObservationsLost>(one->detail).reason == reason;
  }
  return losses;
}

void CheckManyOpens(HeldCommand& held) {
  CHECK(OutputOf(held) == "100000 opens\n");
  CHECK(AwaitExit(held.parent().pid) == 0);
}

}  // namespace

TEST_CASE("a workload does not notice that its tracer is killed",
          "[contract][ptrace]") {
  for (int i = 0; i < 5; ++i) {
    const Folder folder;
    HeldCommand held(ManyOpens(folder), Output::kKeep);
    const Running tracer =
        Spawn({Program("trace_pid"), absl::StrCat(held.pid())}, Output::kKeep);
    char byte;
    REQUIRE(::read(tracer.output.get(), &byte, 1) == 1);
    held.Release();
    AwaitThat([&] { return std::filesystem::exists(folder.File("f9")); },
              "the workload does not run");
    REQUIRE(::kill(tracer.pid, SIGKILL) == 0);
    CHECK(AwaitExit(tracer.pid) == 128 + SIGKILL);
    CHECK(StateOf(held.pid()) != '?');  // it is in the middle of it
    CheckManyOpens(held);
  }
}

TEST_CASE("a killed tracer leaves awkward workloads as they were",
          "[contract][ptrace]") {
  for (const char* name : {"thousand_threads", "vfork_many", "signal_storm",
                           "stop_and_continue", "exec_from_thread"}) {
    DYNAMIC_SECTION(name) {
      HeldCommand held({Program(name)}, Output::kKeep);
      const Running tracer = Spawn(
          {Program("trace_pid"), absl::StrCat(held.pid())}, Output::kKeep);
      char byte;
      REQUIRE(::read(tracer.output.get(), &byte, 1) == 1);
      held.Release();
      AwaitThat(
          [&] {
            return ProcReader().Stat(held.pid()).ok() == false ||
                   ProcReader().Stat(held.pid())->name != "start_later";
          },
          "the workload does not start");
      REQUIRE(::kill(tracer.pid, SIGKILL) == 0);
      AwaitExit(tracer.pid);
      const Finished bare = RunBare({Program(name)});
      CHECK(OutputOf(held) == bare.output);
      CHECK(AwaitExit(held.parent().pid) == bare.status);
    }
  }
}

TEST_CASE("a workload does not notice when it is attached to",
          "[contract][ptrace]") {
  for (const char* name : {"thousand_threads", "vfork_many", "signal_storm",
                           "stop_and_continue", "exec_from_thread"}) {
    DYNAMIC_SECTION(name) {
      HeldCommand held({Program(name)}, Output::kKeep);
      held.Release();
      Attaching attaching;
      const absl::Status attached = attaching.probe().Attach(held.pid());
      INFO(attached.ToString());
      CHECK((attached.ok() || absl::IsNotFound(attached)));
      const Finished bare = RunBare({Program(name)});
      CHECK(OutputOf(held) == bare.output);
      CHECK(AwaitExit(held.parent().pid) == bare.status);
    }
  }
}

TEST_CASE("a workload is not kept from running by signals that are traced",
          "[contract][ptrace]") {
  constexpr char kMicroseconds[] = "50";  // shorter than three stops
  HeldCommand held({Program("signal_storm"), kMicroseconds}, Output::kKeep);
  Attaching attaching;
  REQUIRE(attaching.probe().Attach(held.pid()).ok());
  held.Release();
  CHECK(OutputOf(held) == "10000 opens\n");
  CHECK(AwaitExit(held.parent().pid) == 0);
}

TEST_CASE("a process that outran its tracer is reported, and traced again",
          "[contract][ptrace]") {
  const Folder folder;
  for (const char* name : {"opened", "opened by the child"}) folder.Make(name);
  HeldCommand held({Program("outrun_tracer"), folder.File("opened"),
                    folder.File("opened by the child")},
                   Output::kKeep);
  Attaching attaching;
  REQUIRE(attaching.probe().Attach(held.pid()).ok());
  held.Release();
  CHECK(OutputOf(held).empty());
  CHECK(AwaitExit(held.parent().pid) == 0);
  AwaitThat([&] { return attaching.probe().finished(); }, "it is still there");
  const Observed seen = attaching.Finish();
  std::set<std::string> opened;
  for (const Observation* one : seen.Of<FileOpened>()) {
    opened.insert(std::get<FileOpened>(one->detail).file.path);
  }
  CHECK(opened.contains(folder.File("opened")));
  CHECK(opened.contains(folder.File("opened by the child")));
  CHECK(LossesOf(seen, LossReason::kLetGo) > 0);
  // The second of its execs, which nobody saw.
  const auto execs = seen.Of<ProcessExeced>();
  REQUIRE(execs.size() == 2);
  CHECK(std::get<ProcessExeced>(execs[1]->detail).after.arguments.back() ==
        "anew");
}

TEST_CASE("a process that ends while it is untraced is known to have ended",
          "[contract][ptrace]") {
  HeldCommand held({Program("signal_storm"), "50"}, Output::kKeep);
  Attaching attaching;
  REQUIRE(attaching.probe().Attach(held.pid()).ok());
  held.Release();
  CHECK(AwaitExit(held.parent().pid) == 0);
  AwaitThat([&] { return attaching.probe().finished(); }, "it is still there");
  int exits = 0;
  const Observed seen = attaching.Finish();
  for (const Observation* one : seen.Of<ProcessExited>()) {
    exits += one->process.pid == held.pid();
  }
  CHECK(exits == 1);
}

TEST_CASE("a workload goes on when its tracer lets go", "[contract][ptrace]") {
  const Folder folder;
  HeldCommand held(ManyOpens(folder), Output::kKeep);
  Attaching attaching;
  REQUIRE(attaching.probe().Attach(held.pid()).ok());
  held.Release();
  AwaitThat([&] { return std::filesystem::exists(folder.File("f9")); },
            "the workload does not run");
  const Observed seen = attaching.Finish();
  CHECK_FALSE(seen.Of<FileOpened>().empty());
  CHECK(StateOf(held.pid()) != '?');
  CheckManyOpens(held);
}

TEST_CASE("a process is attached to with its descendants",
          "[contract][ptrace]") {
  const Folder folder;
  HeldCommand held({"/bin/sh", "-c",
                    "until_go() { until [ -e \"$0\" ]; do sleep 0.01; done; }; "
                    "(echo x; until_go; : </etc/hostname) & until_go; wait",
                    folder.File("go")},
                   Output::kKeep);
  held.Release();
  char byte;
  REQUIRE(::read(held.parent().output.get(), &byte, 1) == 1);
  Attaching attaching;
  REQUIRE(attaching.probe().Attach(held.pid()).ok());
  folder.Make("go");
  CHECK(AwaitExit(held.parent().pid) == 0);
  const Observed seen = attaching.Finish();
  const Observation* open = nullptr;
  for (const Observation* one : seen.Of<FileOpened>()) {
    if (std::get<FileOpened>(one->detail).file.path == "/etc/hostname") {
      open = one;
    }
  }
  REQUIRE(open != nullptr);
  for (const Observation* one : seen.Of<ProcessStarted>()) {
    if (!(one->process == open->process)) continue;
    const auto& started = std::get<ProcessStarted>(one->detail);
    CHECK(started.inventory);
    CHECK(started.process.parent.pid == held.pid());
  }
}

TEST_CASE("a stopped process stays stopped, attached to and let go",
          "[contract][ptrace]") {
  HeldCommand held({"/bin/sh", "-c", "kill -STOP $$; echo on"}, Output::kKeep);
  held.Release();
  AwaitThat([&] { return StateOf(held.pid()) == 'T'; }, "it does not stop");
  {
    Attaching attaching;
    REQUIRE(attaching.probe().Attach(held.pid()).ok());
    AwaitThat([&] { return StateOf(held.pid()) == 't'; }, "it is not traced");
  }
  AwaitThat([&] { return StateOf(held.pid()) == 'T'; }, "it is not let go");
  REQUIRE(::kill(held.pid(), SIGCONT) == 0);
  CHECK(OutputOf(held) == "on\n");
  CHECK(AwaitExit(held.parent().pid) == 0);
}

TEST_CASE("a process that somebody else traces is left alone",
          "[contract][ptrace]") {
  HeldCommand held({"/bin/true"}, Output::kDiscard);
  Attaching first, second;
  REQUIRE(first.probe().Attach(held.pid()).ok());
  const absl::Status refused = second.probe().Attach(held.pid());
  CHECK(absl::IsFailedPrecondition(refused));
  held.Release();
  CHECK(AwaitExit(held.parent().pid) == 0);
}

TEST_CASE("a process that is gone cannot be attached to",
          "[contract][ptrace]") {
  Attaching attaching;
  CHECK(absl::IsNotFound(attaching.probe().Attach(5'000'000)));
}

TEST_CASE("a launched command ends well when it is observed no more",
          "[contract][ptrace]") {
  const Folder folder;
  Collector collector;
  auto probe = PtraceProbe::Launch(
      {ManyOpens(folder), Stdio(Output::kDiscard).fds()}, collector.queue());
  REQUIRE(probe.ok());
  AwaitThat([&] { return std::filesystem::exists(folder.File("f9")); },
            "the workload does not run");
  (*probe)->Stop();
  AwaitThat([&] { return (*probe)->result().has_value(); }, "it does not end");
  CHECK((*probe)->result()->code == 0);
}

}  // namespace gatewatch::testing
