#ifndef GATEWATCH_TESTS_FAKES_HTTP_SERVER_H_
#define GATEWATCH_TESTS_FAKES_HTTP_SERVER_H_

#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/unique_fd.h"

namespace gatewatch::testing {

// A web server on loopback that gives every request the same answer.
//
// Threads: its own; the public methods from one.
class FakeHttpServer {
 public:
  FakeHttpServer();
  ~FakeHttpServer();

  // "http://127.0.0.1:PORT"
  std::string url() const;
  void Answer(int status, std::string body);
  // The paths that were asked for.
  std::vector<std::string> requests() const;

 private:
  void Serve();
  void ServeOne(int client);

  UniqueFd listener_;
  int port_ = 0;
  mutable absl::Mutex mutex_;
  int status_ ABSL_GUARDED_BY(mutex_) = 404;
  std::string body_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> requests_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_FAKES_HTTP_SERVER_H_
