#include "tests/fakes/http_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace gatewatch::testing {

FakeHttpServer::FakeHttpServer()
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  GATEWATCH_CHECK(::bind(listener_.get(), generic, size) == 0);
  GATEWATCH_CHECK(::listen(listener_.get(), 8) == 0);
  GATEWATCH_CHECK(::getsockname(listener_.get(), generic, &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

FakeHttpServer::~FakeHttpServer() {
  ::shutdown(listener_.get(), SHUT_RDWR);  // ends accept()
  thread_.join();
}

std::string FakeHttpServer::url() const {
  return absl::StrCat("http://127.0.0.1:", port_);
}

void FakeHttpServer::Answer(int status, std::string body) {
  absl::MutexLock lock(&mutex_);
  status_ = status;
  body_ = std::move(body);
}

std::vector<std::string> FakeHttpServer::requests() const {
  absl::MutexLock lock(&mutex_);
  return requests_;
}

void FakeHttpServer::Serve() {
  while (true) {
    const UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
    if (!client.valid()) return;
    ServeOne(client.get());
  }
}

void FakeHttpServer::ServeOne(int client) {
  std::string request;
  char piece[1024];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = ::recv(client, piece, sizeof(piece), 0);
    if (got <= 0) return;
    request.append(piece, static_cast<size_t>(got));
  }
  absl::MutexLock lock(&mutex_);
  const size_t path = request.find(' ') + 1;
  requests_.push_back(request.substr(path, request.find(' ', path) - path));
  const std::string answer =
      absl::StrCat("HTTP/1.1 ", status_, " X\r\nContent-Length: ", body_.size(),
                   "\r\nConnection: close\r\n\r\n", body_);
  // The client may have had enough of it; that is its test.
  static_cast<void>(::send(client, answer.data(), answer.size(), MSG_NOSIGNAL));
}

}  // namespace gatewatch::testing
