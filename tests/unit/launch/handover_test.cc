#include "agent/launch/handover.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "probes/seccomp/notify_fd.h"
#include "tests/support/skip.h"
#include "tests/unit/launch/peer.h"

namespace gatewatch::agent {
namespace {

using testing::OpenDescriptors;
using testing::RealListener;
using testing::SendMessage;
using testing::SlotMemory;

constexpr char kNoListener[] = "seccomp gives no listener here";

struct Connection {
  Connection() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    launcher.Reset(ends[0]);
    agent.Reset(ends[1]);
  }
  UniqueFd launcher, agent;
};

absl::string_view BytesOf(const Handover& handover) {
  return {reinterpret_cast<const char*>(&handover), sizeof(handover)};
}

Handover TwoCounts() {
  Handover handover{};
  handover.absent_since_ns = 5;
  handover.absent_until_ns = 9;
  handover.count_entries = 2;
  handover.counts[0] = {257, 0, 1000};
  handover.counts[1] = {59, 0, 1};
  return handover;
}

absl::StatusCode CodeOfReceive(const Connection& connection) {
  return ReceiveHandover(connection.agent.get()).status().code();
}

}  // namespace

TEST_CASE("a handover arrives with its counts and descriptors", "[handover]") {
  const UniqueFd listener = RealListener();
  if (!listener.valid()) return testing::Skip(kNoListener);
  const Connection connection;
  REQUIRE(SendHandover(connection.launcher.get(), TwoCounts(), listener.get(),
                       SlotMemory().get()));
  const auto received = ReceiveHandover(connection.agent.get());
  REQUIRE(received.ok());
  CHECK(probes::NotifyFd::IsListener(received->listener.get()));
  CHECK(received->listener.get() != listener.get());
  CHECK((::fcntl(received->listener.get(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK((::fcntl(received->slot_memory.get(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(received->handover.absent_since_ns == 5);
  CHECK(received->handover.absent_until_ns == 9);
  REQUIRE(received->handover.count_entries == 2);
  CHECK(received->handover.counts[0].syscall == 257);
  CHECK(received->handover.counts[0].count == 1000);
}

TEST_CASE("a newer launcher's longer message is understood", "[handover]") {
  const UniqueFd listener = RealListener();
  if (!listener.valid()) return testing::Skip(kNoListener);
  const Connection connection;
  Handover newer = TwoCounts();
  newer.version = Handover::kVersion + 1;
  const std::string bytes = absl::StrCat(BytesOf(newer), "what came later");
  SendMessage(connection.launcher.get(), bytes,
              {listener.get(), SlotMemory().get()});
  const auto received = ReceiveHandover(connection.agent.get());
  REQUIRE(received.ok());
  CHECK(received->handover.count_entries == 2);
}

TEST_CASE("a message that is no handover is refused", "[handover]") {
  Handover wrong_magic = TwoCounts();
  wrong_magic.magic ^= 1;
  Handover too_many = TwoCounts();
  too_many.count_entries = Handover::kCountLimit + 1;
  Handover far_too_many = TwoCounts();
  far_too_many.count_entries = UINT32_MAX;
  const std::string good(BytesOf(TwoCounts()));
  const std::string bytes = GENERATE_COPY(
      as<std::string>(), "x", "hello", good.substr(0, good.size() - 1),
      std::string(good.size(), '\0'), std::string(good.size(), '\xff'),
      std::string(BytesOf(wrong_magic)), std::string(BytesOf(too_many)),
      std::string(BytesOf(far_too_many)));
  const UniqueFd listener = RealListener();
  const UniqueFd memory = SlotMemory();
  const Connection connection;
  const size_t open = OpenDescriptors();
  SendMessage(connection.launcher.get(), bytes,
              {listener.valid() ? listener.get() : memory.get(), memory.get()});
  CHECK(CodeOfReceive(connection) == absl::StatusCode::kInvalidArgument);
  CHECK(OpenDescriptors() == open);
}

TEST_CASE("a handover without its descriptors is refused", "[handover]") {
  const Connection connection;
  SendMessage(connection.launcher.get(), BytesOf(TwoCounts()), {});
  CHECK(CodeOfReceive(connection) == absl::StatusCode::kInvalidArgument);

  const UniqueFd listener = RealListener();
  if (!listener.valid()) return testing::Skip(kNoListener);
  const size_t open = OpenDescriptors();
  SendMessage(connection.launcher.get(), BytesOf(TwoCounts()),
              {listener.get()});
  CHECK(CodeOfReceive(connection) == absl::StatusCode::kInvalidArgument);
  CHECK(OpenDescriptors() == open);
}

TEST_CASE("a listener that is none is refused, and closed", "[handover]") {
  const UniqueFd event(::eventfd(0, EFD_CLOEXEC));
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const UniqueFd memory = SlotMemory();
  const Connection connection;
  const size_t open = OpenDescriptors();
  for (const UniqueFd* fake :
       {&event, &null, &memory, &connection.launcher, &connection.agent}) {
    REQUIRE(SendHandover(connection.launcher.get(), TwoCounts(), fake->get(),
                         memory.get()));
    CHECK(CodeOfReceive(connection) == absl::StatusCode::kInvalidArgument);
  }
  CHECK(OpenDescriptors() == open);
}

TEST_CASE("memory that could shrink or is too small is refused", "[handover]") {
  const UniqueFd listener = RealListener();
  if (!listener.valid()) return testing::Skip(kNoListener);
  constexpr size_t kSize = sizeof(probes::NotifySlot);
  const UniqueFd unsealed = SlotMemory(kSize, F_SEAL_GROW);
  const UniqueFd small = SlotMemory(kSize - 1, F_SEAL_SHRINK);
  const UniqueFd empty = SlotMemory(0, F_SEAL_SHRINK);
  const UniqueFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const Connection connection;
  for (const UniqueFd* memory : {&unsealed, &small, &empty, &file, &listener}) {
    REQUIRE(SendHandover(connection.launcher.get(), TwoCounts(), listener.get(),
                         memory->get()));
    CHECK(CodeOfReceive(connection) == absl::StatusCode::kInvalidArgument);
  }
}

TEST_CASE("descriptors beyond the two are not kept", "[handover]") {
  const UniqueFd memory = SlotMemory();
  const Connection connection;
  const size_t open = OpenDescriptors();
  SendMessage(connection.launcher.get(), BytesOf(TwoCounts()),
              std::vector<int>(10, memory.get()));
  CHECK(CodeOfReceive(connection) == absl::StatusCode::kInvalidArgument);
  CHECK(OpenDescriptors() == open);
}

TEST_CASE("a peer that closes or says nothing is no launcher", "[handover]") {
  Connection connection;
  CHECK(CodeOfReceive(connection) == absl::StatusCode::kUnavailable);
  connection.launcher.Reset();
  CHECK(CodeOfReceive(connection) == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("a handover to an agent that is gone fails", "[handover]") {
  Connection connection;
  connection.agent.Reset();
  const UniqueFd memory = SlotMemory();
  CHECK_FALSE(SendHandover(connection.launcher.get(), TwoCounts(), memory.get(),
                           memory.get()));
}

TEST_CASE("an agent is found by its name", "[handover]") {
  const std::string name = testing::UniqueName();
  CHECK_FALSE(ConnectToAgent(name.c_str()).valid());
  auto listening = ListenForLaunchers(name.c_str());
  REQUIRE(listening.ok());
  CHECK(ConnectToAgent(name.c_str()).valid());
  CHECK_FALSE(ConnectToAgent((name + "-other").c_str()).valid());
  listening->Reset();
  CHECK_FALSE(ConnectToAgent(name.c_str()).valid());
}

TEST_CASE("a name that is taken is a failed precondition", "[handover]") {
  const std::string name = testing::UniqueName();
  const auto first = ListenForLaunchers(name.c_str());
  REQUIRE(first.ok());
  const auto second = ListenForLaunchers(name.c_str());
  CHECK(second.status().code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("an agent of another user is not handed a listener", "[handover]") {
  if (::geteuid() != 0) return testing::Skip("needs root to be another user");
  int ready[2];
  REQUIRE(::pipe2(ready, O_CLOEXEC) == 0);
  const UniqueFd told(ready[0]), tell(ready[1]);
  const std::string name = absl::StrCat("gatewatch-test-impostor-", getpid());
  const pid_t impostor = ::fork();
  if (impostor == 0) {
    if (::setuid(65534) != 0) ::_exit(1);
    const auto listening = ListenForLaunchers(name.c_str());
    if (!listening.ok() || ::write(ready[1], "+", 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char answer = 0;
  const bool listens = ::read(told.get(), &answer, 1) == 1;
  const bool connected = ConnectToAgent(name.c_str()).valid();
  ::kill(impostor, SIGKILL);
  ::waitpid(impostor, nullptr, 0);
  CHECK(listens);
  CHECK_FALSE(connected);
}

TEST_CASE("a name longer than an address does no harm", "[handover]") {
  const std::string name = testing::UniqueName() + std::string(500, 'n');
  const auto listening = ListenForLaunchers(name.c_str());
  REQUIRE(listening.ok());
  CHECK(ConnectToAgent(name.c_str()).valid());
}

}  // namespace gatewatch::agent
