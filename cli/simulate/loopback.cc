#include "cli/simulate/loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"

namespace gatewatch::cli {
namespace {

constexpr uint16_t kDnsPort = 53;
constexpr char kResolver[] = "127.83.83.53";  // all of 127/8 is the loopback
constexpr int kPatienceMs = 5'000;
constexpr size_t kMaxQuestion = 512;
constexpr uint16_t kAddressType = 1;

absl::StatusOr<sockaddr_in> AddressOf(const std::string& ip, uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, ip.c_str(), &address.sin_addr) != 1) {
    return absl::InvalidArgumentError(absl::StrCat("not an address: ", ip));
  }
  return address;
}

const sockaddr* Generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

void Append16(uint16_t value, std::string& to) {
  to += static_cast<char>(value >> 8);
  to += static_cast<char>(value & 0xff);
}

// RFC 1035, 4.1: a header and one question.
std::string Question(const std::string& name, uint16_t type) {
  std::string message;
  for (const uint16_t field : {0x4757, 0x0100, 1, 0, 0, 0}) {
    Append16(field, message);
  }
  for (const absl::string_view label : absl::StrSplit(name, '.')) {
    message += static_cast<char>(label.size());
    message.append(label.data(), label.size());
  }
  message += '\0';
  Append16(type, message);
  Append16(1, message);  // of the Internet
  return message;
}

// The answer to it: one address, good for no time.
std::string Answer(std::string question, const in_addr& ip) {
  question[2] = static_cast<char>(0x81);  // a response
  question[3] = static_cast<char>(0x80);
  question[7] = 1;             // one answer
  Append16(0xc00c, question);  // the name that was asked for
  for (const uint16_t field : {1, 1, 0, 0, 4}) Append16(field, question);
  question.append(reinterpret_cast<const char*>(&ip), sizeof(ip));
  return question;
}

absl::StatusOr<UniqueFd> SendTo(const std::string& ip,
                                const std::string& message) {
  GATEWATCH_ASSIGN_OR_RETURN(const sockaddr_in resolver,
                             AddressOf(ip, kDnsPort));
  UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd.valid() ||
      connect(fd.get(), Generic(resolver), sizeof(resolver)) != 0 ||
      send(fd.get(), message.data(), message.size(), 0) < 0) {
    return ErrnoStatus(errno, "asking on the loopback");
  }
  return fd;
}

}  // namespace

absl::Status ConnectTo(const std::string& ip, int type) {
  GATEWATCH_ASSIGN_OR_RETURN(const sockaddr_in address, AddressOf(ip, 80));
  const UniqueFd fd(socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return ErrnoStatus(errno, "socket");
  // Whether there is a way to it does not matter.
  connect(fd.get(), Generic(address), sizeof(address));
  return absl::OkStatus();
}

absl::StatusOr<UniqueFd> ListenOnLoopback(sockaddr_in& address) {
  UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  if (!listener.valid() || bind(listener.get(), generic, size) != 0 ||
      listen(listener.get(), 1) != 0 ||
      getsockname(listener.get(), generic, &size) != 0) {
    return ErrnoStatus(errno, "listening on the loopback");
  }
  return listener;
}

absl::StatusOr<UniqueFd> AskForName(const std::string& name, uint16_t type) {
  return SendTo(kResolver, Question(name, type));
}

absl::StatusOr<UniqueFd> ResolveTo(const std::string& name,
                                   const std::string& ip) {
  GATEWATCH_ASSIGN_OR_RETURN(const sockaddr_in own,
                             AddressOf(kResolver, kDnsPort));
  GATEWATCH_ASSIGN_OR_RETURN(const sockaddr_in target, AddressOf(ip, 0));
  const UniqueFd resolver(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!resolver.valid() ||
      bind(resolver.get(), Generic(own), sizeof(own)) != 0) {
    if (errno == EACCES) {
      return absl::PermissionDeniedError("port 53 is not for this user");
    }
    return ErrnoStatus(errno, "serving names on the loopback");
  }
  GATEWATCH_ASSIGN_OR_RETURN(UniqueFd asker,
                             SendTo(kResolver, Question(name, kAddressType)));
  pollfd asked = {resolver.get(), POLLIN, 0};
  if (poll(&asked, 1, kPatienceMs) != 1) {
    return absl::DeadlineExceededError("the question did not arrive");
  }
  std::string question(kMaxQuestion, '\0');
  sockaddr_in from = {};
  socklen_t size = sizeof(from);
  const ssize_t got = recvfrom(resolver.get(), question.data(), question.size(),
                               0, reinterpret_cast<sockaddr*>(&from), &size);
  if (got < 0) return ErrnoStatus(errno, "recvfrom");
  question.resize(static_cast<size_t>(got));
  const std::string answer = Answer(std::move(question), target.sin_addr);
  if (sendto(resolver.get(), answer.data(), answer.size(), 0, Generic(from),
             size) < 0) {
    return ErrnoStatus(errno, "sendto");
  }
  return asker;
}

}  // namespace gatewatch::cli
