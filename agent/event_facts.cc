#include "agent/event_facts.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace gatewatch::agent {
namespace {

// "/proc/17/mem" → 17
pid_t PidOfPath(absl::string_view path) {
  if (!absl::ConsumePrefix(&path, "/proc/")) return 0;
  int pid = 0;
  if (!absl::SimpleAtoi(path.substr(0, path.find('/')), &pid)) return 0;
  return pid;
}

pid_t PidOfFile(const v1::File& file) {
  return PidOfPath(file.resolved_path().empty() ? file.path()
                                                : file.resolved_path());
}

}  // namespace

pid_t ReachedProcess(const v1::Event& event) {
  switch (event.detail_case()) {
    case v1::Event::kProcessAccess:
      return event.process_access().target_pid();
    case v1::Event::kSignalSend:
      return event.signal_send().target_pid();
    case v1::Event::kNamespaceChange:
      return event.namespace_change().target_pid();
    case v1::Event::kFileOpen:
      return PidOfFile(event.file_open().file());
    case v1::Event::kFileChange:
      return PidOfFile(event.file_change().file());
    default:
      return 0;
  }
}

void ClearWildcardSource(v1::Event& event) {
  if (!absl::StartsWith(event.syscall(), "send") || !event.has_socket_call()) {
    return;
  }
  v1::Address& local =
      *event.mutable_socket_call()->mutable_socket()->mutable_local();
  if (local.ip().find_first_not_of('\0') == std::string::npos) {
    local.clear_ip();
  }
}

}  // namespace gatewatch::agent
