#ifndef GATEWATCH_DETECTION_DESCRIPTOR_TEXT_H_
#define GATEWATCH_DETECTION_DESCRIPTOR_TEXT_H_

#include <string>

#include "gatewatch/v1/event.pb.h"

namespace gatewatch::detection {

// The path, or the connection for sockets; empty when there is neither.
std::string DescriptorName(const v1::Descriptor& descriptor);

// "127.0.0.1:4000->10.0.0.7:80", only one end when the other is unknown, or a
// unix socket's path.
std::string SocketName(const v1::Socket& socket);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_DESCRIPTOR_TEXT_H_
