#include "probes/procfs/parsers.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace gatewatch::probes {
namespace {

constexpr absl::string_view kDeleted = " (deleted)";

template <typename Number>
bool Parse(absl::string_view text, Number& into) {
  return absl::SimpleAtoi(text, &into);
}

// "1000\t1000\t1000\t1000": real, effective, saved, file system.
bool ParseIds(absl::string_view text, uint32_t& real, uint32_t& effective,
              uint32_t& saved) {
  const std::vector<absl::string_view> ids =
      absl::StrSplit(text, absl::ByAnyChar("\t "), absl::SkipEmpty());
  return ids.size() >= 3 && Parse(ids[0], real) && Parse(ids[1], effective) &&
         Parse(ids[2], saved);
}

bool ParseHex(absl::string_view text, uint64_t& into) {
  return absl::SimpleHexAtoi(text, &into);
}

// The last number of a list; 0 when there is none.
pid_t LastNumber(absl::string_view text) {
  pid_t number = 0;
  const std::vector<absl::string_view> numbers =
      absl::StrSplit(text, absl::ByAnyChar("\t "), absl::SkipEmpty());
  if (!numbers.empty() && !Parse(numbers.back(), number)) number = 0;
  return number;
}

}  // namespace

std::optional<ProcStat> ParseStat(absl::string_view text) {
  // comm may hold anything, parentheses and blanks included: it begins after
  // the first "(" and ends before the last ")".
  const size_t open = text.find('(');
  const size_t close = text.rfind(')');
  if (open == text.npos || close == text.npos || close < open) {
    return std::nullopt;
  }
  ProcStat stat;
  stat.name = std::string(text.substr(open + 1, close - open - 1));
  const std::vector<absl::string_view> fields =
      absl::StrSplit(text.substr(close + 1), ' ', absl::SkipEmpty());
  // Field 3 of proc(5), the state, is fields[0].
  constexpr auto kIndex = [](int proc5) { return proc5 - 3; };
  if (fields.size() <= kIndex(22)) return std::nullopt;
  int32_t tty = 0;
  const bool good =
      Parse(absl::StripAsciiWhitespace(text.substr(0, open)), stat.pid) &&
      Parse(fields[kIndex(4)], stat.parent_pid) &&
      Parse(fields[kIndex(5)], stat.process_group) &&
      Parse(fields[kIndex(6)], stat.session) && Parse(fields[kIndex(7)], tty) &&
      Parse(fields[kIndex(20)], stat.threads) &&
      Parse(fields[kIndex(22)], stat.start_ticks);
  if (!good) return std::nullopt;
  stat.tty = static_cast<uint32_t>(tty);
  stat.state = fields[0][0];
  return stat;
}

std::optional<ProcStatus> ParseStatus(absl::string_view text) {
  ProcStatus status;
  bool have_group = false, have_uids = false, have_gids = false;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    Credentials& who = status.credentials;
    if (absl::ConsumePrefix(&line, "Tgid:\t")) {
      have_group = Parse(line, status.thread_group);
    } else if (absl::ConsumePrefix(&line, "NSpid:")) {
      status.namespace_pid = LastNumber(line);
    } else if (absl::ConsumePrefix(&line, "Uid:")) {
      have_uids = ParseIds(line, who.uid, who.effective_uid, who.saved_uid);
    } else if (absl::ConsumePrefix(&line, "Gid:")) {
      have_gids = ParseIds(line, who.gid, who.effective_gid, who.saved_gid);
    } else if (absl::ConsumePrefix(&line, "CapPrm:\t")) {
      ParseHex(line, who.permitted_capabilities);
    } else if (absl::ConsumePrefix(&line, "CapEff:\t")) {
      ParseHex(line, who.effective_capabilities);
    }
  }
  if (!have_group || !have_uids || !have_gids) return std::nullopt;
  return status;
}

std::vector<std::string> SplitAtNul(absl::string_view text) {
  if (absl::EndsWith(text, absl::string_view("\0", 1))) text.remove_suffix(1);
  if (text.empty()) return {};
  return absl::StrSplit(text, '\0');
}

uint64_t ParseNamespaceLink(absl::string_view link) {
  const size_t open = link.find('[');
  uint64_t inode = 0;
  if (open == link.npos || !absl::ConsumeSuffix(&link, "]") ||
      !Parse(link.substr(open + 1), inode)) {
    return 0;
  }
  return inode;
}

std::vector<pid_t> ParseChildren(absl::string_view text) {
  std::vector<pid_t> children;
  for (const absl::string_view word :
       absl::StrSplit(text, ' ', absl::SkipWhitespace())) {
    pid_t pid = 0;
    if (Parse(word, pid) && pid > 0) children.push_back(pid);
  }
  return children;
}

pid_t ParsePidfdInfo(absl::string_view text) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    pid_t pid = 0;
    if (!absl::ConsumePrefix(&line, "Pid:\t")) continue;
    return Parse(line, pid) && pid > 0 ? pid : 0;  // -1: gone
  }
  return 0;
}

Descriptor ParseDescriptorLink(absl::string_view link) {
  struct Prefix {
    absl::string_view text;
    DescriptorKind kind;
  };
  constexpr std::array<Prefix, 4> kPrefixes = {{
      {"socket:[", DescriptorKind::kSocket},
      {"pipe:[", DescriptorKind::kPipe},
      {"anon_inode:", DescriptorKind::kAnonymous},
      {"/memfd:", DescriptorKind::kMemory},
  }};
  for (const Prefix& prefix : kPrefixes) {
    if (absl::StartsWith(link, prefix.text)) {
      const bool has_path = link[0] == '/';
      return {prefix.kind, has_path ? std::string(link) : "", std::nullopt};
    }
  }
  if (link == "/dev/null") {
    return {DescriptorKind::kDevice, std::string(link), std::nullopt};
  }
  if (absl::StartsWith(link, "/dev/pts/") ||
      absl::StartsWith(link, "/dev/tty") || link == "/dev/console") {
    return {DescriptorKind::kTerminal, std::string(link), std::nullopt};
  }
  if (absl::StartsWith(link, "/")) {
    return {DescriptorKind::kFile, std::string(link), std::nullopt};
  }
  return {};
}

Executable ParseExecutableLink(absl::string_view link) {
  Executable executable;
  executable.deleted = absl::ConsumeSuffix(&link, kDeleted);
  executable.in_memory = absl::StartsWith(link, "/memfd:");
  executable.path = std::string(link);
  return executable;
}

}  // namespace gatewatch::probes
