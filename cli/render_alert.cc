#include "cli/render_alert.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/escape.h"
#include "cli/render_event.h"
#include "cli/render_process.h"
#include "cli/table.h"
#include "cli/time_text.h"

namespace gatewatch::cli {
namespace {

constexpr size_t kPageWidth = 78;
constexpr size_t kValueWidth = 160;
constexpr int kEventsShown = 12;

void WriteHeading(const char* heading, std::ostream& out) {
  out << '\n' << heading << '\n';
}

// One "  label  value" line; nothing for an empty value. `value` is escaped.
void WriteField(const char* label, const std::string& value,
                std::ostream& out) {
  if (value.empty()) return;
  out << absl::StrFormat("  %-10s  %s\n", label, value);
}

void WriteWhat(const v1::Alert& alert, std::ostream& out) {
  out << absl::AsciiStrToUpper(SeverityName(alert.severity())) << "  "
      << EscapeForTerminal(alert.rule()) << "  ("
      << EscapeForTerminal(alert.id()) << ")\n"
      << FormatMoment(alert.first_time_ns());
  if (alert.count() > 1) {
    out << ", " << alert.count() << " times until "
        << FormatMoment(alert.last_time_ns());
  }
  out << '\n' << GuardEscaped(alert.output()) << '\n';
}

void WriteWhere(const v1::EventRecord& event, std::ostream& out) {
  const v1::Workload& workload = event.workload();
  const v1::Container& container = event.container();
  const auto pair = [](const std::string& name, const std::string& detail) {
    if (name.empty()) return EscapeForTerminal(detail);
    if (detail.empty()) return EscapeForTerminal(name);
    return EscapeForTerminal(absl::StrCat(name, " (", detail, ")"));
  };
  WriteHeading("Where", out);
  WriteField("task", EscapeForTerminal(workload.task_arn()), out);
  if (!workload.task_family().empty()) {
    WriteField("definition",
               EscapeForTerminal(absl::StrCat(workload.task_family(), ":",
                                              workload.task_revision())),
               out);
  }
  WriteField("cluster", pair(workload.cluster(), workload.service()), out);
  WriteField("pod", pair(workload.pod(), workload.namespace_()), out);
  WriteField("node", EscapeForTerminal(workload.node()), out);
  WriteField("host", EscapeForTerminal(workload.host_name()), out);
  WriteField("container", pair(container.name(), container.id()), out);
  WriteField("image", pair(container.image(), container.image_digest()), out);
  WriteField("agent", EscapeForTerminal(event.agent_id()), out);
}

std::string DescribeExecutable(const v1::Executable& executable) {
  std::string text = EscapeForTerminal(executable.path());
  const auto add = [&text](bool holds, const std::string& remark) {
    if (holds) absl::StrAppend(&text, ", ", remark);
  };
  add(executable.in_memory(), "in memory only");
  add(executable.deleted(), "deleted");
  add(executable.newer_than_container(), "newer than the container");
  add(!executable.written_by().empty(),
      absl::StrCat("written by ", EscapeForTerminal(executable.written_by())));
  return text;
}

std::string DescribeUser(const v1::Credentials& credentials) {
  std::string text =
      absl::StrCat(UserLabel(credentials), " (uid ", credentials.uid(),
                   ", gid ", credentials.gid());
  if (credentials.uid() != credentials.effective_uid()) {
    absl::StrAppend(&text, ", effective uid ", credentials.effective_uid());
  }
  if (credentials.login_uid() != UINT32_MAX) {
    absl::StrAppend(&text, ", login uid ", credentials.login_uid());
  }
  return absl::StrCat(text, ")");
}

void WriteWho(const v1::EventRecord& event, std::ostream& out) {
  const v1::Process& process = event.process();
  WriteHeading("Who", out);
  WriteField("user", DescribeUser(process.credentials()), out);
  WriteField("process",
             absl::StrCat(ProcessLabel(process), "  key ",
                          EscapeForTerminal(process.key())),
             out);
  WriteField("command", CommandLine(process, kValueWidth), out);
  WriteField("executable", DescribeExecutable(process.executable()), out);
  WriteField("sha256", EscapeForTerminal(process.executable().sha256()), out);
  WriteField("directory", EscapeForTerminal(process.working_directory()), out);
  constexpr const char* kNames[] = {"stdin", "stdout", "stderr"};
  for (int i = 0; i < std::min(process.stdio_size(), 3); ++i) {
    WriteField(kNames[i], DescribeDescriptor(process.stdio(i)), out);
  }
  WriteHeading("Lineage", out);
  WriteLineage(event, "  ", out);
}

void WriteWhy(const v1::Alert& alert, std::ostream& out) {
  if (alert.reasons().empty()) return;
  WriteHeading("Why it fired", out);
  for (const v1::Reason& reason : alert.reasons()) {
    WriteReason(reason, "  ", out);
  }
}

// The events nearest to the alert's own, which is marked.
void WriteAround(const v1::GetAlertResponse& response, std::ostream& out) {
  const int size = response.around_size();
  if (size == 0) return;
  const uint64_t own = response.alert().event().event().sequence();
  int middle = 0;
  while (middle < size - 1 &&
         response.around(middle).event().sequence() != own) {
    ++middle;
  }
  const int first = std::clamp(middle - kEventsShown / 2, 0,
                               std::max(0, size - kEventsShown));
  WriteHeading("Events around it", out);
  for (int i = first; i < std::min(size, first + kEventsShown); ++i) {
    const v1::EventRecord& event = response.around(i);
    out << (event.event().sequence() == own ? "> " : "  ") << EventLine(event)
        << '\n';
  }
}

// "T1552.001" → https://attack.mitre.org/techniques/T1552/001/
bool IsTechnique(absl::string_view tag) {
  if (tag.size() < 5 || tag[0] != 'T') return false;
  return std::all_of(tag.begin() + 1, tag.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '.';
  });
}

void WriteTechnique(const v1::Alert& alert, std::ostream& out) {
  std::vector<std::string> lines;
  for (const std::string& tag : alert.tags()) {
    if (IsTechnique(tag)) {
      lines.push_back(
          absl::StrCat(tag, "  https://attack.mitre.org/techniques/",
                       absl::StrReplaceAll(tag, {{".", "/"}}), "/"));
    } else if (absl::StartsWith(tag, "mitre_")) {
      lines.push_back(EscapeForTerminal(absl::StripPrefix(tag, "mitre_")));
    }
  }
  if (lines.empty()) return;
  WriteHeading("MITRE ATT&CK", out);
  for (const std::string& line : lines) out << "  " << line << '\n';
}

void WriteWrapped(absl::string_view text, std::ostream& out) {
  size_t column = 0;
  for (const absl::string_view word :
       absl::StrSplit(text, absl::ByAnyChar(" \n\t"), absl::SkipEmpty())) {
    const std::string escaped = EscapeForTerminal(word);
    const size_t width = DisplayWidth(escaped);
    if (column > 0 && column + 1 + width > kPageWidth) {
      out << '\n';
      column = 0;
    }
    out << (column == 0 ? "  " : " ") << escaped;
    column += width + (column == 0 ? 2 : 1);
  }
  out << '\n';
}

}  // namespace

std::string SeverityName(v1::Severity severity) {
  const std::string& name = v1::Severity_Name(severity);
  return absl::AsciiStrToLower(absl::StripPrefix(name, "SEVERITY_"));
}

std::string AlertLine(const v1::Alert& alert) {
  std::string line = absl::StrFormat(
      "%s  %-8s  %s  %s", FormatMoment(alert.first_time_ns()),
      SeverityName(alert.severity()), EscapeForTerminal(alert.id()),
      EscapeForTerminal(alert.rule()));
  if (alert.count() > 1) absl::StrAppend(&line, " x", alert.count());
  absl::StrAppend(&line, ": ", GuardEscaped(alert.output()));
  return line;
}

void WriteReason(const v1::Reason& reason, absl::string_view indent,
                 std::ostream& out) {
  out << indent << CutToWidth(GuardEscaped(reason.condition()), kValueWidth);
  if (!reason.value().empty()) {
    out << "  was " << CutToWidth(GuardEscaped(reason.value()), kValueWidth);
  }
  if (!reason.origin().empty()) {
    out << "  [" << GuardEscaped(reason.origin()) << "]";
  }
  out << '\n';
}

void WriteAlertPage(const v1::GetAlertResponse& response, std::ostream& out) {
  const v1::Alert& alert = response.alert();
  WriteWhat(alert, out);
  WriteWhere(alert.event(), out);
  WriteWho(alert.event(), out);
  WriteWhy(alert, out);
  WriteAround(response, out);
  WriteTechnique(alert, out);
  if (alert.description().empty()) return;
  WriteHeading("About this rule", out);
  WriteWrapped(alert.description(), out);
}

std::string GuardEscaped(absl::string_view text) {
  return absl::StrJoin(absl::StrSplit(text, '\\'), "\\",
                       [](std::string* out, absl::string_view piece) {
                         absl::StrAppend(out, EscapeForTerminal(piece));
                       });
}

}  // namespace gatewatch::cli
