#ifndef GATEWATCH_CLI_RENDER_PRIVILEGED_H_
#define GATEWATCH_CLI_RENDER_PRIVILEGED_H_

#include <string>

#include "gatewatch/v1/event.pb.h"

namespace gatewatch::cli {

// What a call on other processes, namespaces, mounts, executable memory or an
// interface of the kernel was about, on one line, escaped for a terminal.
std::string DescribeAccess(const v1::ProcessAccess& access);
std::string DescribeSignal(const v1::SignalSend& send);
std::string DescribeNamespaces(const v1::NamespaceChange& change);
std::string DescribeExecutableMemory(const v1::ExecutableMemory& memory);
std::string DescribeMount(const v1::MountChange& change);
std::string DescribeInterface(const v1::KernelInterface& used);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_RENDER_PRIVILEGED_H_
