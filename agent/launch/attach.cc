#include "agent/launch/attach.h"

#include <sys/stat.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/files.h"
#include "base/status.h"
#include "probes/seccomp/filter.h"
#include "probes/seccomp/injection.h"

namespace gatewatch::agent {
namespace {

constexpr size_t kProgramLimit = 16 << 20;
// As payload_stage.cc names the memory file.
constexpr char kKeeperProgram[] = "/memfd:gatewat";

// Abstract sockets belong to a network namespace (unix(7)).
bool SharesNetwork(pid_t pid) {
  struct stat ours = {}, theirs = {};
  return ::stat("/proc/self/ns/net", &ours) == 0 &&
         ::stat(absl::StrCat("/proc/", pid, "/ns/net").c_str(), &theirs) == 0 &&
         ours.st_ino == theirs.st_ino;
}

// Orphans become its children, and it may be waiting for any child.
bool IsInit(pid_t pid) {
  const auto status = ReadFile(absl::StrCat("/proc/", pid, "/status"));
  if (!status.ok()) return false;
  for (const absl::string_view line : absl::StrSplit(*status, '\n')) {
    if (absl::StartsWith(line, "NSpid:")) return absl::EndsWith(line, "\t1");
  }
  return false;
}

// Its calls are answered by itself.
bool IsKeeper(pid_t pid) {
  const auto program = ReadLink(absl::StrCat("/proc/", pid, "/exe"));
  return program.ok() && absl::StartsWith(*program, kKeeperProgram);
}

}  // namespace

absl::StatusOr<UniqueFd> Attach(const Attachment& attachment) {
  if (IsKeeper(attachment.pid)) {
    return absl::CancelledError("it is a keeper of ours");
  }
  probes::Injection injection;
  injection.pid = attachment.pid;
  injection.filter =
      probes::BuildFilter(attachment.rows, probes::NativeArchitecture());
  if (SharesNetwork(attachment.pid) && !IsInit(attachment.pid)) {
    GATEWATCH_ASSIGN_OR_RETURN(injection.keeper_image,
                               ReadFile("/proc/self/exe", kProgramLimit));
    injection.keeper_arguments = {"gatewatch-keep", "--socket",
                                  attachment.agent_socket, "--keep"};
    auto planted = probes::Inject(injection);
    if (!absl::IsResourceExhausted(planted.status())) return planted;
    injection.keeper_image.clear();
    injection.keeper_arguments.clear();
  }
  return probes::Inject(injection);
}

}  // namespace gatewatch::agent
