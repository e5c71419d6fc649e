// Seccomp user notification: the command under gatewatch-launch, or attached
// to while it waits to be executed; by an agent that may look into it, or as
// another user than an agent without CAP_SYS_PTRACE (EKS on Fargate).

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/launch/launch_server.h"
#include "base/status.h"
#include "catch2/catch.hpp"
#include "probes/procfs/uid_helper.h"
#include "tests/contract/collector.h"
#include "tests/contract/rung.h"
#include "tests/support/capabilities.h"

namespace gatewatch::testing {
namespace {

std::string FreshSocketName() {
  static std::atomic<int> count{0};
  return absl::StrCat("gatewatch-test-", getpid(), "-", ++count);
}

constexpr uid_t kOtherUser = 1000;

// Who runs what.
enum class Setting {
  kPlain,      // agent and command as the test
  kOtherUser,  // the agent has no CAP_SYS_PTRACE, the command another user
};

// What executes a command in that setting.
std::vector<std::string> StarterFor(Setting setting) {
  if (setting == Setting::kPlain) return {};
  return {"setpriv", absl::StrCat("--reuid=", kOtherUser),
          absl::StrCat("--regid=", kOtherUser), "--clear-groups"};
}

// The agent's side is the same in both forms.
class NotifyWatcher : public Watcher {
 public:
  explicit NotifyWatcher(Setting setting) : setting_(setting) {
    AsAgent([this] {
      auto server = agent::LaunchServer::Start(socket_, collector_.queue(), "",
                                               &helpers_);
      if (server.ok()) server_ = *std::move(server);
    });
    REQUIRE(server_ != nullptr);
    collector_.Begin([this] { AsAgent([this] { server_->Tick(); }); });
  }
  ~NotifyWatcher() override { Finish(); }

  void AwaitEmpty() override {
    AwaitThat([this] { return server_->counters().workloads == 0; },
              "a process of the workload is left");
  }

  Observed Finish() override {
    Observed observed;
    observed.observations =
        collector_.End([this] { AsAgent([this] { server_->Stop(); }); });
    const auto counted = server_->counters();
    observed.counters = {counted.observed, counted.folded, counted.dropped,
                         counted.gone, counted.throttled};
    return observed;
  }

 protected:
  // Does what an agent does, with what an agent may.
  void AsAgent(const std::function<void()>& body) const {
    if (setting_ == Setting::kPlain) return body();
    GATEWATCH_CHECK(RunAsInContainer(body));
  }

  Setting setting() const { return setting_; }
  const std::string& socket() const { return socket_; }
  void LimitServer() { server_->Limit(level()); }
  uint64_t workloads() const { return server_->counters().workloads; }

 private:
  const Setting setting_;
  probes::UidHelpers helpers_;
  Collector collector_;  // before the server, which uses its queue
  const std::string socket_ = FreshSocketName();
  std::unique_ptr<agent::LaunchServer> server_;
};

class LaunchWatcher : public NotifyWatcher {
 public:
  using NotifyWatcher::NotifyWatcher;

  UniqueFd Start(const std::vector<std::string>& command,
                 Output output) override {
    LimitServer();
    std::vector<std::string> launched = StarterFor(setting());
    for (const std::string& word :
         {Program("gatewatch-launch"), std::string("--socket"), socket(),
          std::string("--")}) {
      launched.push_back(word);
    }
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
  using NotifyWatcher::NotifyWatcher;

  UniqueFd Start(const std::vector<std::string>& command,
                 Output output) override {
    LimitServer();
    command_.emplace(command, output, StarterFor(setting()));
    Running attach;
    AsAgent([&] {
      attach = Spawn({Program("gatewatch-launch"), "--socket", socket(),
                      "--attach", absl::StrCat(command_->pid())},
                     Output::kKeep);
    });
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

// Whether the programs of this build can be run as another user; why not.
std::string WhyNotOtherUser() {
  if (::geteuid() != 0) return "only root can be several users";
  int status = -1;
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string program = Program("gatewatch-launch");
    const bool runs = RunAsInContainer([] {}) &&
                      ::setresuid(kOtherUser, kOtherUser, kOtherUser) == 0 &&
                      ::access(program.c_str(), X_OK) == 0;
    ::_exit(runs ? 0 : 1);
  }
  const bool runs = ::waitpid(child, &status, 0) == child && status == 0;
  return runs ? "" : "another user may not run what was built here";
}

template <typename Watcher>
Rung NotifyRung(std::string name, Setting setting) {
  Rung rung;
  rung.name = std::move(name);
  rung.watch = [setting] { return std::make_unique<Watcher>(setting); };
  if (setting == Setting::kOtherUser) {
    rung.user = kOtherUser;
    rung.why_not = WhyNotOtherUser();
  }
#if !defined(__x86_64__)
  if (std::is_same_v<Watcher, AttachWatcher>) {
    rung.why_not = "attaching is for x86-64 only";
  }
#endif
  return rung;
}

}  // namespace

Rung LaunchRung() {
  return NotifyRung<LaunchWatcher>("launch", Setting::kPlain);
}

Rung OtherUserLaunchRung() {
  return NotifyRung<LaunchWatcher>("launch (other user)", Setting::kOtherUser);
}

Rung AttachRung() {
  return NotifyRung<AttachWatcher>("attach", Setting::kPlain);
}

Rung OtherUserAttachRung() {
  return NotifyRung<AttachWatcher>("attach (other user)", Setting::kOtherUser);
}

}  // namespace gatewatch::testing
