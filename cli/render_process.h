#ifndef GATEWATCH_CLI_RENDER_PROCESS_H_
#define GATEWATCH_CLI_RENDER_PROCESS_H_

#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "gatewatch/v1/event.pb.h"

namespace gatewatch::cli {

// All text that these return is escaped for a terminal.

// "nginx[42]"
std::string ProcessLabel(const v1::Process& process);

// The arguments joined by blanks, or the executable where none are known;
// at most `width` columns.
std::string CommandLine(const v1::Process& process, size_t width);

// "www-data", or "uid 33" for a user without a name.
std::string UserLabel(const v1::Credentials& credentials);

// What a descriptor refers to: "file /tmp/x", "socket 10.0.0.1:80".
std::string DescribeDescriptor(const v1::Descriptor& descriptor);

// "10.0.0.1", "fe80::1"; empty when `ip` has neither 4 nor 16 bytes.
std::string DescribeIp(const std::string& ip);

// "10.0.0.1:40000 -> 10.0.0.2:80", as far as the ends are known.
std::string DescribeSocket(const v1::Socket& socket);

// The process below its ancestors, the oldest first, as an ASCII tree, each
// line after `indent`.
void WriteLineage(const v1::EventRecord& record, absl::string_view indent,
                  std::ostream& out);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_RENDER_PROCESS_H_
