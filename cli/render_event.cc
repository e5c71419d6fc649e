#include "cli/render_event.h"

#include <fcntl.h>
#include <string.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/escape.h"
#include "cli/render_privileged.h"
#include "cli/render_process.h"
#include "cli/table.h"
#include "cli/time_text.h"
#include "detection/flag_names.h"
#include "proto/dns_names.h"
#include "proto/event_kind.h"

namespace gatewatch::cli {
namespace {

constexpr size_t kObjectWidth = 200;
constexpr uint32_t kUnchanged = UINT32_MAX;  // chown's "leave it"

std::string DescribeOpen(const v1::FileOpen& open) {
  const char* way = "read";
  switch (open.flags() & O_ACCMODE) {
    case O_WRONLY:
      way = "write";
      break;
    case O_RDWR:
      way = "read-write";
      break;
    default:
      break;
  }
  return absl::StrCat(open.creates() ? "create " : "", way, " ",
                      EscapeForTerminal(open.file().path()));
}

std::string DescribeChange(const v1::FileChange& change) {
  const std::string path = EscapeForTerminal(change.file().path());
  const std::string target = EscapeForTerminal(change.target().path());
  const std::string attribute = EscapeForTerminal(change.attribute());
  const auto id = [](uint32_t id) {
    return id == kUnchanged ? std::string() : absl::StrCat(id);
  };
  switch (change.operation()) {
    case v1::FileChange::OPERATION_RENAME:
    case v1::FileChange::OPERATION_LINK:
      return absl::StrCat(path, " -> ", target);
    case v1::FileChange::OPERATION_SYMLINK:
      return absl::StrCat(target, " holds ",
                          EscapeForTerminal(change.file().raw_path()));
    case v1::FileChange::OPERATION_CHMOD:
      return absl::StrFormat("%04o %s", change.mode(), path);
    case v1::FileChange::OPERATION_CHOWN:
      return absl::StrCat(id(change.uid()), ":", id(change.gid()), " ", path);
    case v1::FileChange::OPERATION_MKNOD:
      return absl::StrFormat("%06o %s", change.mode(), path);
    case v1::FileChange::OPERATION_TRUNCATE:
      return absl::StrCat(path, " to ", change.length());
    case v1::FileChange::OPERATION_SET_ATTRIBUTE:
      return absl::StrCat("set ", attribute, " of ", path);
    case v1::FileChange::OPERATION_REMOVE_ATTRIBUTE:
      return absl::StrCat("remove ", attribute, " of ", path);
    default:
      return path;
  }
}

std::string DescribeExit(const v1::ProcessExit& exit) {
  if (exit.signal() != 0) return absl::StrCat("signal ", exit.signal());
  return exit.code_known() ? absl::StrCat("status ", exit.code()) : "";
}

std::string DescribeCredentials(const v1::CredentialChange& change) {
  std::string text;
  const auto add = [&text](const char* name, bool present, uint32_t id) {
    if (!present || id == kUnchanged) return;
    absl::StrAppend(&text, text.empty() ? "" : " ", name, " ", id);
  };
  add("uid", change.has_uid(), change.uid());
  add("euid", change.has_effective_uid(), change.effective_uid());
  add("suid", change.has_saved_uid(), change.saved_uid());
  add("gid", change.has_gid(), change.gid());
  add("egid", change.has_effective_gid(), change.effective_gid());
  add("sgid", change.has_saved_gid(), change.saved_gid());
  add("fsuid", change.has_file_system_uid(), change.file_system_uid());
  add("fsgid", change.has_file_system_gid(), change.file_system_gid());
  if (!change.groups().empty()) {
    absl::StrAppend(&text, "groups ", absl::StrJoin(change.groups(), ","));
  }
  if (change.has_capabilities()) {
    absl::StrAppend(
        &text, "capabilities ",
        detection::CapabilityNames(change.capabilities().effective()));
  }
  return text;
}

std::string DescribeLoss(const v1::Loss& loss) {
  constexpr size_t kContainerWidth = 12;  // as runtimes print ids
  const bool throttled = loss.reason() == v1::Loss::REASON_THROTTLED;
  std::string text = throttled ? "throttled:" : "lost:";
  for (const v1::Loss::Count& count : loss.counts()) {
    const std::string number =
        count.count() == 0 ? "some" : absl::StrCat(count.count());
    absl::StrAppend(&text, " ", number, " ", EscapeForTerminal(count.kind()));
  }
  if (!loss.container_id().empty()) {
    const std::string id = loss.container_id().substr(0, kContainerWidth);
    absl::StrAppend(&text, " of ", EscapeForTerminal(id));
  }
  return text;
}

std::string DescribeDup(const v1::DescriptorDup& dup) {
  return absl::StrCat(dup.old_fd(), " -> ", dup.new_fd(), " ",
                      DescribeDescriptor(dup.refers_to()));
}

std::string DescribeDns(const v1::DnsMessage& dns) {
  std::string text = dns.response() ? "answer" : "question";
  for (const v1::DnsQuestion& question : dns.questions()) {
    absl::StrAppend(&text, " ", DnsTypeName(question.type()), " ",
                    EscapeForTerminal(question.name()));
  }
  if (!dns.response()) return text;
  absl::StrAppend(&text, " -> ", DnsReturnCodeName(dns.rcode()));
  for (const v1::DnsRecord& answer : dns.answers()) {
    const std::string what = !answer.ip().empty() ? DescribeIp(answer.ip())
                             : !answer.text().empty()
                                 ? EscapeForTerminal(answer.text())
                                 : absl::StrCat(answer.size(), " bytes");
    absl::StrAppend(&text, " ", DnsTypeName(answer.type()), " ", what);
  }
  if (!dns.solicited()) absl::StrAppend(&text, " (unsolicited)");
  return text;
}

std::string DescribeDetail(const v1::EventRecord& record) {
  const v1::Event& event = record.event();
  switch (event.detail_case()) {
    case v1::Event::kProcessStart:
    case v1::Event::kProcessExec:
      return CommandLine(record.process(), kObjectWidth);
    case v1::Event::kProcessExit:
      return DescribeExit(event.process_exit());
    case v1::Event::kCredentialChange:
      return DescribeCredentials(event.credential_change());
    case v1::Event::kProcessAccess:
      return DescribeAccess(event.process_access());
    case v1::Event::kSignalSend:
      return DescribeSignal(event.signal_send());
    case v1::Event::kNamespaceChange:
      return absl::StrCat(EscapeForTerminal(event.syscall()), " ",
                          DescribeNamespaces(event.namespace_change()));
    case v1::Event::kExecutableMemory:
      return DescribeExecutableMemory(event.executable_memory());
    case v1::Event::kMountChange:
      return DescribeMount(event.mount_change());
    case v1::Event::kKernelInterface:
      return DescribeInterface(event.kernel_interface());
    case v1::Event::kMemoryFile:
      return EscapeForTerminal(event.memory_file().name());
    case v1::Event::kDescriptorDup:
      return DescribeDup(event.descriptor_dup());
    case v1::Event::kFileOpen:
      return DescribeOpen(event.file_open());
    case v1::Event::kFileChange:
      return DescribeChange(event.file_change());
    case v1::Event::kSocketCall:
      return DescribeSocket(event.socket_call().socket());
    case v1::Event::kDns:
      return DescribeDns(event.dns());
    case v1::Event::kAgentStart:
      return absl::StrCat("start of ",
                          EscapeForTerminal(event.agent_start().version()));
    case v1::Event::kAgentStop:
      return absl::StrCat("stop: ",
                          EscapeForTerminal(event.agent_stop().reason()));
    case v1::Event::kCoverage:
      return absl::StrCat("coverage of ", event.coverage().kinds_size(),
                          " kinds");
    case v1::Event::kLoss:
      return DescribeLoss(event.loss());
    case v1::Event::DETAIL_NOT_SET:
      return "";
  }
  return "";
}

}  // namespace

std::string DescribeObject(const v1::EventRecord& record) {
  return CutToWidth(DescribeDetail(record), kObjectWidth);
}

std::string DescribeOutcome(const v1::Outcome& outcome) {
  switch (outcome.status()) {
    case v1::Outcome::STATUS_SUCCEEDED:
      return "ok";
    case v1::Outcome::STATUS_FAILED: {
      if (outcome.error() == 0) return "failed";  // nobody saw why
      const char* name = strerrorname_np(outcome.error());
      return name != nullptr ? absl::StrCat("failed ", name)
                             : absl::StrCat("failed ", outcome.error());
    }
    default:
      return "";
  }
}

std::string EventLine(const v1::EventRecord& record) {
  const v1::Event& event = record.event();
  const std::string who = record.has_process()
                              ? ProcessLabel(record.process())
                              : EscapeForTerminal(record.agent_id());
  std::string line =
      absl::StrFormat("%s  %-22s  %-11s  %s", FormatMoment(event.time_ns()),
                      who, EventKind(event), DescribeObject(record));
  if (event.count() > 1) absl::StrAppend(&line, "  x", event.count());
  const std::string outcome = DescribeOutcome(event.outcome());
  if (!outcome.empty()) absl::StrAppend(&line, "  ", outcome);
  if (event.truncated()) absl::StrAppend(&line, "  (cut)");
  return line;
}

}  // namespace gatewatch::cli
