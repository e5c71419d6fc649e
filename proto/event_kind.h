#ifndef GATEWATCH_PROTO_EVENT_KIND_H_
#define GATEWATCH_PROTO_EVENT_KIND_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "gatewatch/v1/event.pb.h"

namespace gatewatch {

// The name of an event's kind, as `--kind` takes it and losses are counted
// by: "start", "exec", "exit", "credentials", "ptrace" (any reach into another
// process), "signal", "memfd", "execmem", "dup", "namespace", "mount",
// "kernel", "open", "unlink", "rename", "link", "symlink", "chmod", "chown",
// "mkdir", "rmdir", "mknod", "truncate", "xattr", "connect", "bind", "listen",
// "accept", "sendto", "socket", "dns", "agent". Lives as long as the program.
absl::string_view EventKind(const v1::Event& event);

// All of the above.
const std::vector<absl::string_view>& EventKinds();

// "closed", "file", "directory", "pipe", "socket", "tty", "device", "memfd",
// "anon"; empty for an unknown kind. Lives as long as the program.
absl::string_view DescriptorKindName(v1::Descriptor::Kind kind);

}  // namespace gatewatch

#endif  // GATEWATCH_PROTO_EVENT_KIND_H_
