#include "cli/render_process.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/escape.h"
#include "cli/table.h"
#include "proto/event_kind.h"

namespace gatewatch::cli {
namespace {

constexpr size_t kLineageWidth = 60;

// The kernel's own way to say "not bound yet".
bool IsUnbound(const v1::Address& address) {
  const std::string& ip = address.ip();
  return address.port() == 0 && !ip.empty() &&
         ip.find_first_not_of('\0') == std::string::npos;
}

std::string DescribeAddress(const v1::Address& address) {
  if (IsUnbound(address)) return "";
  if (const std::string ip = DescribeIp(address.ip()); !ip.empty()) {
    const bool colons = address.ip().size() == 16;
    std::string text = absl::StrCat(colons ? "[" : "", ip, colons ? "]" : "",
                                    ":", address.port());
    if (!address.name().empty()) {
      absl::StrAppend(&text, " (", EscapeForTerminal(address.name()), ")");
    }
    return text;
  }
  const std::string& path = address.path();
  if (path.empty()) return "";
  // An abstract name begins with NUL, which tools write as "@".
  if (path[0] == '\0') {
    return absl::StrCat("@", EscapeForTerminal(path.substr(1)));
  }
  return EscapeForTerminal(path);
}

}  // namespace

std::string ProcessLabel(const v1::Process& process) {
  return absl::StrCat(EscapeForTerminal(process.name()), "[", process.pid(),
                      "]");
}

std::string CommandLine(const v1::Process& process, size_t width) {
  const std::string line = process.arguments_size() > 0
                               ? absl::StrJoin(process.arguments(), " ")
                               : process.executable().path();
  // Escaping makes a byte four at most; what is cut anyway is not escaped.
  return CutToWidth(EscapeForTerminal(line.substr(0, width * 4)), width);
}

std::string UserLabel(const v1::Credentials& credentials) {
  if (!credentials.user_name().empty()) {
    return EscapeForTerminal(credentials.user_name());
  }
  return absl::StrCat("uid ", credentials.effective_uid());
}

std::string DescribeDescriptor(const v1::Descriptor& descriptor) {
  const absl::string_view kind = DescriptorKindName(descriptor.kind());
  std::string text(kind.empty() ? "?" : kind);
  std::string object = descriptor.has_socket()
                           ? DescribeSocket(descriptor.socket())
                           : EscapeForTerminal(descriptor.path());
  if (!object.empty()) absl::StrAppend(&text, " ", object);
  return text;
}

std::string DescribeIp(const std::string& ip) {
  char text[INET6_ADDRSTRLEN];
  if (ip.size() != 4 && ip.size() != 16) return "";
  inet_ntop(ip.size() == 4 ? AF_INET : AF_INET6, ip.data(), text, sizeof(text));
  return text;
}

std::string DescribeSocket(const v1::Socket& socket) {
  const std::string local = DescribeAddress(socket.local());
  const std::string remote = DescribeAddress(socket.remote());
  if (local.empty()) return remote;
  if (remote.empty()) return local;
  return absl::StrCat(local, " -> ", remote);
}

void WriteLineage(const v1::EventRecord& record, absl::string_view indent,
                  std::ostream& out) {
  std::vector<const v1::Process*> line;
  for (int i = record.ancestors_size(); i-- > 0;) {
    line.push_back(&record.ancestors(i));
  }
  line.push_back(&record.process());
  size_t depth = 0;
  for (const v1::Process* process : line) {
    out << indent;
    if (depth > 0) out << std::string((depth - 1) * 3, ' ') << "\\_ ";
    out << ProcessLabel(*process) << "  " << UserLabel(process->credentials())
        << "  " << CommandLine(*process, kLineageWidth) << '\n';
    ++depth;
  }
}

}  // namespace gatewatch::cli
