#include "agent/launch/launch_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <thread>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "agent/launch/handover.h"
#include "catch2/catch.hpp"
#include "tests/support/skip.h"
#include "tests/unit/launch/peer.h"

namespace gatewatch::agent {
namespace {

constexpr int kDeadlineMs = 5000;

// What the server answers: a byte, or nothing when it hangs up.
std::string Answer(const UniqueFd& connection) {
  pollfd readable{connection.get(), POLLIN, 0};
  REQUIRE(::poll(&readable, 1, kDeadlineMs) == 1);
  char byte = 0;
  const ssize_t got = ::recv(connection.get(), &byte, 1, 0);
  return got == 1 ? std::string(1, byte) : "";
}

bool WorkloadsBecome(const LaunchServer& server, uint64_t count) {
  const absl::Time deadline = absl::Now() + absl::Milliseconds(kDeadlineMs);
  while (absl::Now() < deadline) {
    if (server.counters().workloads == count) return true;
    std::this_thread::yield();
  }
  return false;
}

class Server {
 public:
  Server() : server_(LaunchServer::Start(name_, queue_).value()) {}

  LaunchServer& operator*() const { return *server_; }
  LaunchServer* operator->() const { return server_.get(); }
  const std::string& name() const { return name_; }
  probes::ObservationQueue& queue() { return queue_; }

  UniqueFd Connect() const {
    UniqueFd connection = ConnectToAgent(name_.c_str());
    REQUIRE(connection.valid());
    return connection;
  }

 private:
  const std::string name_ = testing::UniqueName();
  probes::ObservationQueue queue_{100};
  const std::unique_ptr<LaunchServer> server_;
};

}  // namespace

TEST_CASE("a peer that sends garbage is hung up on, the next is served",
          "[launch]") {
  const UniqueFd listener = testing::RealListener();
  const UniqueFd memory = testing::SlotMemory();
  Server server;
  const UniqueFd garbage = server.Connect();
  testing::SendMessage(garbage.get(), "garbage", {memory.get()});
  CHECK(Answer(garbage).empty());
  const UniqueFd liar = server.Connect();
  const UniqueFd event(::eventfd(0, EFD_CLOEXEC));
  REQUIRE(SendHandover(liar.get(), Handover{}, event.get(), memory.get()));
  CHECK(Answer(liar).empty());
  CHECK(server->counters().workloads == 0);

  if (!listener.valid()) return testing::Skip("seccomp gives no listener here");
  UniqueFd launcher = server.Connect();
  REQUIRE(
      SendHandover(launcher.get(), Handover{}, listener.get(), memory.get()));
  CHECK(Answer(launcher) == std::string(1, kHandoverTaken));
  CHECK(server->counters().workloads == 1);
  launcher.Reset();
  CHECK(WorkloadsBecome(*server, 0));
}

TEST_CASE("a peer that sends nothing does not keep the server", "[launch]") {
  Server server;
  const UniqueFd silent = server.Connect();
  const UniqueFd silent_too = server.Connect();
  CHECK(Answer(silent).empty());
  CHECK(Answer(silent_too).empty());
}

TEST_CASE("calls that nobody observed are reported as lost", "[launch]") {
  const UniqueFd listener = testing::RealListener();
  if (!listener.valid()) return testing::Skip("seccomp gives no listener here");
  const UniqueFd memory = testing::SlotMemory();
  Server server;
  Handover handover{};
  handover.absent_since_ns = 5;
  handover.absent_until_ns = 9;
  handover.count_entries = 2;
  handover.counts[0] = {SYS_openat, 0, 1000};
  handover.counts[1] = {-7, 0, 1};  // no such call
  const UniqueFd launcher = server.Connect();
  REQUIRE(SendHandover(launcher.get(), handover, listener.get(), memory.get()));
  REQUIRE(Answer(launcher) == std::string(1, kHandoverTaken));
  const auto observations = server.queue().Take(absl::ZeroDuration());
  REQUIRE(observations.size() == 1);
  const auto& lost = std::get<probes::ObservationsLost>(observations[0].detail);
  CHECK(lost.reason == probes::LossReason::kObserverAbsent);
  CHECK(lost.since_ns == 5);
  CHECK(lost.until_ns == 9);
  REQUIRE(lost.counts.size() == 2);
  CHECK(lost.counts[0].syscall == "openat");
  CHECK(lost.counts[0].count == 1000);
  CHECK(lost.counts[1].syscall.empty());
}

TEST_CASE("what a keeper tells before it ends is reported", "[launch]") {
  const UniqueFd listener = testing::RealListener();
  if (!listener.valid()) return testing::Skip("seccomp gives no listener here");
  const UniqueFd memory = testing::SlotMemory();
  Server server;
  UniqueFd keeper = server.Connect();
  REQUIRE(SendHandover(keeper.get(), Handover{}, listener.get(), memory.get()));
  Handover rest{};
  rest.count_entries = 1;
  rest.counts[0] = {SYS_openat, 0, 7};
  REQUIRE(SendAbsence(keeper.get(), rest));
  keeper.Reset();
  // Until something is queued or the deadline passes.
  std::deque<probes::Observation> observations;
  const absl::Time deadline = absl::Now() + absl::Milliseconds(kDeadlineMs);
  while (observations.empty() && absl::Now() < deadline) {
    observations = server.queue().Take(absl::Milliseconds(5));
  }
  REQUIRE(observations.size() == 1);
  CHECK(std::get<probes::ObservationsLost>(observations[0].detail)
            .counts.at(0)
            .count == 7);
}

TEST_CASE("a server that stops lets its launchers know", "[launch]") {
  const UniqueFd listener = testing::RealListener();
  if (!listener.valid()) return testing::Skip("seccomp gives no listener here");
  const UniqueFd memory = testing::SlotMemory();
  Server server;
  const UniqueFd launcher = server.Connect();
  REQUIRE(
      SendHandover(launcher.get(), Handover{}, listener.get(), memory.get()));
  REQUIRE(Answer(launcher) == std::string(1, kHandoverTaken));
  server->Stop();
  CHECK(Answer(launcher).empty());
  CHECK(server->counters().workloads == 0);
}

TEST_CASE("two servers cannot have one name", "[launch]") {
  Server server;
  probes::ObservationQueue queue(1);
  CHECK(LaunchServer::Start(server.name(), queue).status().code() ==
        absl::StatusCode::kFailedPrecondition);
}

}  // namespace gatewatch::agent
