#ifndef GATEWATCH_DETECTION_DESCRIPTOR_TEXT_H_
#define GATEWATCH_DETECTION_DESCRIPTOR_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "gatewatch/v1/event.pb.h"

namespace gatewatch::detection {

// "file", "socket", "tty" …; empty for an unknown kind.
absl::string_view DescriptorKindName(v1::Descriptor::Kind kind);

// The path, or the connection for sockets; empty when there is neither.
std::string DescriptorName(const v1::Descriptor& descriptor);

// "127.0.0.1:4000->10.0.0.7:80", only one end when the other is unknown, or a
// unix socket's path.
std::string SocketName(const v1::Socket& socket);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_DESCRIPTOR_TEXT_H_
