// Seccomp user notification: the command under gatewatch-launch, or attached
// to while it waits to be executed.

#include <unistd.h>

#include <atomic>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/launch/launch_server.h"
#include "catch2/catch.hpp"
#include "tests/contract/collector.h"
#include "tests/contract/rung.h"

namespace gatewatch::testing {
namespace {

std::string FreshSocketName() {
  static std::atomic<int> count{0};
  return absl::StrCat("gatewatch-test-", getpid(), "-", ++count);
}

// The agent's side is the same in both.
class NotifyWatcher : public Watcher {
 public:
  NotifyWatcher() {
    auto server = agent::LaunchServer::Start(socket_, collector_.queue());
    REQUIRE(server.ok());
    server_ = *std::move(server);
    collector_.Begin([this] { server_->Tick(); });
  }
  ~NotifyWatcher() override { Finish(); }

  void AwaitEmpty() override {
    AwaitThat([this] { return server_->counters().workloads == 0; },
              "a process of the workload is left");
  }

  Observed Finish() override {
    Observed observed;
    observed.observations = collector_.End([this] { server_->Stop(); });
    const auto counted = server_->counters();
    observed.counters = {counted.observed, counted.folded, counted.dropped,
                         counted.gone, counted.throttled};
    return observed;
  }

 protected:
  const std::string& socket() const { return socket_; }
  void LimitServer() { server_->Limit(level()); }
  uint64_t workloads() const { return server_->counters().workloads; }

 private:
  Collector collector_;  // first: the server uses its queue
  const std::string socket_ = FreshSocketName();
  std::unique_ptr<agent::LaunchServer> server_;
};

class LaunchWatcher : public NotifyWatcher {
 public:
  UniqueFd Start(const std::vector<std::string>& command,
                 Output output) override {
    LimitServer();
    std::vector<std::string> launched = {Program("gatewatch-launch"),
                                         "--socket", socket(), "--"};
    launched.insert(launched.end(), command.begin(), command.end());
    Running running = Spawn(std::move(launched), output);
    pid_ = running.pid;
    return std::move(running.output);
  }

  int AwaitStatus() override { return AwaitExit(pid_); }

 private:
  pid_t pid_ = 0;
};

class AttachWatcher : public NotifyWatcher {
 public:
  UniqueFd Start(const std::vector<std::string>& command,
                 Output output) override {
    LimitServer();
    command_.emplace(command, output);
    const Running attach =
        Spawn({Program("gatewatch-launch"), "--socket", socket(), "--attach",
               absl::StrCat(command_->pid())},
              Output::kKeep);
    REQUIRE(ReadToEnd(attach.output) == "attached\n");
    REQUIRE(AwaitExit(attach.pid) == 0);
    AwaitThat([this] { return workloads() == 1; },
              "the keeper did not hand over");
    command_->Release();
    return std::move(command_->parent().output);
  }

  int AwaitStatus() override { return AwaitExit(command_->parent().pid); }

 private:
  std::optional<HeldCommand> command_;
};

}  // namespace

Rung LaunchRung() {
  Rung rung;
  rung.name = "launch";
  rung.watch = [] { return std::make_unique<LaunchWatcher>(); };
  return rung;
}

Rung AttachRung() {
  Rung rung;
  rung.name = "attach";
  rung.watch = [] { return std::make_unique<AttachWatcher>(); };
#if !defined(__x86_64__)
  rung.why_not = "attaching is for x86-64 only";
#endif
  return rung;
}

}  // namespace gatewatch::testing
