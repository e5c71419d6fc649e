// The packet rung against real sockets on the loopback interface, in a network
// namespace of its own: its port 53 is free.
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "absl/time/clock.h"
#include "base/unique_fd.h"
#include "catch2/catch.hpp"
#include "probes/packet/packet_probe.h"
#include "tests/support/skip.h"

namespace gatewatch::probes {
namespace {

// The question "a.b"? A; and its answer, 1.2.3.4.
constexpr absl::string_view kQuestion(
    "\x12\x34\x01\0\0\1\0\0\0\0\0\0\1a\1b\0\0\1\0\1", 21);
constexpr absl::string_view kAnswer(
    "\x12\x34\x81\x80\0\1\0\1\0\0\0\0\1a\1b\0\0\1\0\1"
    "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\1\2\3\4",
    37);

bool RaiseLoopback() {
  const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
  return ::ioctl(fd.get(), SIOCSIFFLAGS, &request) == 0;
}

// Runs `body` where the network is empty but for the loopback interface; what
// it answers. False without an answer: not permitted here.
std::optional<int> InEmptyNetwork(const std::function<int()>& body) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  constexpr int kRefused = 120;
  if (child == 0) {
    if (::unshare(CLONE_NEWNET) != 0 || !RaiseLoopback()) ::_exit(kRefused);
    ::_exit(body());
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (!WIFEXITED(status)) return 128 + WTERMSIG(status);
  if (WEXITSTATUS(status) == kRefused) return std::nullopt;
  return WEXITSTATUS(status);
}

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

UniqueFd Server(int type) {
  UniqueFd fd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  const sockaddr_in address = Loopback(53);
  ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address),
         sizeof(address));
  if (type == SOCK_STREAM) ::listen(fd.get(), 1);
  return fd;
}

UniqueFd Client(int type) {
  UniqueFd fd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  const sockaddr_in address = Loopback(53);
  ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
            sizeof(address));
  return fd;
}

// Until so many messages were seen, or ten seconds have passed.
std::vector<Observation> Await(ObservationQueue& queue, size_t count) {
  std::vector<Observation> seen;
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (seen.size() < count && absl::Now() < deadline) {
    for (Observation& observation : queue.Take(absl::Milliseconds(5))) {
      seen.push_back(std::move(observation));
    }
  }
  return seen;
}

bool IsOurs(const Observation& observation, bool response) {
  const auto* message = std::get_if<DnsMessage>(&observation.detail);
  return message != nullptr && message->response == response &&
         message->id == 0x1234 && message->questions.size() == 1 &&
         message->questions[0].name == "a.b" &&
         observation.process.pid == ::getpid() &&
         message->socket.remote.port == 53;
}

// 0 when question and answer are each seen once, with their process.
int Judge(PacketProbe& probe, ObservationQueue& queue) {
  auto seen = Await(queue, 2);
  probe.Stop();
  for (Observation& more : queue.Take(absl::ZeroDuration())) {
    seen.push_back(std::move(more));
  }
  if (seen.size() != 2) return 10 + static_cast<int>(seen.size());
  if (!IsOurs(seen[0], false)) return 2;
  if (!IsOurs(seen[1], true)) return 3;
  const auto& answer = std::get<DnsMessage>(seen[1].detail);
  if (!answer.solicited || answer.answers.size() != 1) return 4;
  if (answer.answers[0].ip != "\1\2\3\4") return 5;
  return probe.counters().dropped == 0 ? 0 : 6;
}

int AskByDatagram() {
  ObservationQueue queue(100);
  auto probe = PacketProbe::Start({}, queue);
  if (!probe.ok()) return 1;
  const UniqueFd server = Server(SOCK_DGRAM);
  const UniqueFd client = Client(SOCK_DGRAM);
  ::send(client.get(), kQuestion.data(), kQuestion.size(), 0);
  char buffer[512];
  sockaddr_in peer;
  socklen_t size = sizeof(peer);
  ::recvfrom(server.get(), buffer, sizeof(buffer), 0,
             reinterpret_cast<sockaddr*>(&peer), &size);
  ::sendto(server.get(), kAnswer.data(), kAnswer.size(), 0,
           reinterpret_cast<const sockaddr*>(&peer), size);
  return Judge(**probe, queue);
}

int AskByStream() {
  ObservationQueue queue(100);
  auto probe = PacketProbe::Start({}, queue);
  if (!probe.ok()) return 1;
  const UniqueFd listener = Server(SOCK_STREAM);
  const UniqueFd client = Client(SOCK_STREAM);
  const UniqueFd server(::accept(listener.get(), nullptr, nullptr));
  // The length in a segment of its own.
  const char length[] = {0, 21}, answer_length[] = {0, 37};
  ::send(client.get(), length, 2, 0);
  ::send(client.get(), kQuestion.data(), kQuestion.size(), 0);
  char buffer[64];
  ::recv(server.get(), buffer, 23, MSG_WAITALL);
  ::send(server.get(), answer_length, 2, 0);
  ::send(server.get(), kAnswer.data(), kAnswer.size(), 0);
  return Judge(**probe, queue);
}

int SpeakOfOtherThings() {
  ObservationQueue queue(100);
  auto probe = PacketProbe::Start({}, queue);
  if (!probe.ok()) return 1;
  const UniqueFd server = Server(SOCK_DGRAM);
  const UniqueFd client = Client(SOCK_DGRAM);
  ::send(client.get(), "no DNS", 6, 0);
  ::send(client.get(), kQuestion.data(), kQuestion.size(), 0);
  if (Await(queue, 1).size() != 1) return 2;
  (*probe)->Stop();
  const auto seen = queue.Take(absl::ZeroDuration());
  if (seen.size() != 1) return 3;
  const auto* lost = std::get_if<ObservationsLost>(&seen[0].detail);
  if (lost == nullptr || lost->counts.size() != 1) return 4;
  return lost->counts[0].syscall == "dns" && lost->counts[0].count == 1 ? 0 : 5;
}

void Check(const std::function<int()>& body) {
  const auto result = InEmptyNetwork(body);
  if (!result) return testing::Skip("no network namespace may be made");
  CHECK(*result == 0);
}

}  // namespace

TEST_CASE("a question and its answer are seen once each, with the process",
          "[contract][packet]") {
  Check(AskByDatagram);
}

TEST_CASE("so are those over TCP", "[contract][packet]") { Check(AskByStream); }

TEST_CASE("other things on port 53 are told as a loss", "[contract][packet]") {
  Check(SpeakOfOtherThings);
}

}  // namespace gatewatch::probes
