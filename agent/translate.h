#ifndef GATEWATCH_AGENT_TRANSLATE_H_
#define GATEWATCH_AGENT_TRANSLATE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gatewatch/v1/event.pb.h"
#include "probes/host_support.h"
#include "probes/observation.h"

namespace gatewatch::agent {

// The pure half of the enricher: observed structs as messages, value for
// value. What needs to know more than the struct is the Enricher's.

v1::Outcome ToProto(const probes::Outcome& outcome);
v1::Executable ToProto(const probes::Executable& executable);
v1::Credentials ToProto(const probes::Credentials& credentials);
v1::Descriptor ToProto(const probes::Descriptor& descriptor);
v1::Socket ToProto(const probes::Socket& socket);
v1::File ToProto(const probes::File& file);

v1::CredentialChange ToProto(const probes::CredentialsRequested& request);
v1::ProcessExit ToProto(const probes::ProcessExited& exit);
v1::SignalSend ToProto(const probes::SignalSent& sent);
v1::NamespaceChange ToProto(const probes::NamespaceChanged& changed);
v1::MountChange ToProto(const probes::MountChanged& changed);
v1::KernelInterface ToProto(const probes::KernelInterfaceUsed& used);
v1::ExecutableMemory ToProto(const probes::MemoryMadeExecutable& made);
v1::ProcessAccess ToProto(const probes::ProcessAccessed& accessed);
v1::MemoryFile ToProto(const probes::MemoryFileCreated& created);
v1::DescriptorDup ToProto(const probes::DescriptorDuplicated& duplicated);
v1::FileOpen ToProto(const probes::FileOpened& opened);
v1::FileChange ToProto(const probes::FileChanged& changed);
v1::SocketCall ToProto(const probes::SocketCalled& called);
v1::DnsMessage ToProto(const probes::DnsMessage& message);
// Counts by event kind instead of by system call.
v1::Loss ToProto(const probes::ObservationsLost& lost);

v1::Coverage ToProto(const std::vector<probes::RungChoice>& choices);

// Moves `texts` to `out` up to a number of bytes, and 1024 of them. True:
// something was cut.
bool AddBounded(std::vector<std::string> texts, size_t max_bytes,
                google::protobuf::RepeatedPtrField<std::string>& out);

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_TRANSLATE_H_
