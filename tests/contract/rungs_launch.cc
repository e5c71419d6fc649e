// The command under gatewatch-launch: seccomp user notification.

#include <unistd.h>

#include <atomic>
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

class LaunchWatcher : public Watcher {
 public:
  LaunchWatcher() {
    auto server = agent::LaunchServer::Start(socket_, collector_.queue());
    REQUIRE(server.ok());
    server_ = *std::move(server);
    collector_.Begin([this] { server_->Tick(); });
  }
  ~LaunchWatcher() override { Finish(); }

  UniqueFd Start(const std::vector<std::string>& command,
                 Output output) override {
    std::vector<std::string> launched = {Program("gatewatch-launch"),
                                         "--socket", socket_, "--"};
    launched.insert(launched.end(), command.begin(), command.end());
    Running running = Spawn(std::move(launched), output);
    pid_ = running.pid;
    return std::move(running.output);
  }

  int AwaitStatus() override { return AwaitExit(pid_); }

  void AwaitEmpty() override {
    AwaitThat([this] { return server_->counters().workloads == 0; },
              "a process of the workload is left");
  }

  Observed Finish() override {
    Observed observed;
    observed.observations = collector_.End([this] { server_->Stop(); });
    const auto counted = server_->counters();
    observed.counters = {counted.observed, counted.folded, counted.dropped,
                         counted.gone};
    return observed;
  }

 private:
  const std::string socket_ = FreshSocketName();
  std::unique_ptr<agent::LaunchServer> server_;
  pid_t pid_ = 0;
  Collector collector_;  // last: its thread uses the server
};

}  // namespace

Rung LaunchRung() {
  Rung rung;
  rung.name = "launch";
  rung.watch = [] { return std::make_unique<LaunchWatcher>(); };
  return rung;
}

}  // namespace gatewatch::testing
