// fd.*: the object of a call: a file, a socket, a descriptor.

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "detection/descriptor_text.h"
#include "detection/field.h"
#include "detection/presumed_outcome.h"

namespace gatewatch::detection {
namespace {

using v1::Address;
using v1::Event;
using v1::File;
using v1::Socket;

constexpr uint32_t kDnsPort = 53;

void Text(absl::string_view text, Values& values) {
  if (!text.empty()) values.push_back(TextValue(text));
}

// Text that the event holds, or a constant.
void Borrow(absl::string_view text, Values& values) {
  if (!text.empty()) values.push_back(BorrowedText(text));
}

// The file that the call is about; null when it is about none.
const File* FileOf(const Event& event) {
  if (event.has_file_open()) return &event.file_open().file();
  if (event.has_mount_change() && event.mount_change().has_target()) {
    return &event.mount_change().target();
  }
  if (!event.has_file_change()) return nullptr;
  const bool symlink =
      event.file_change().operation() == v1::FileChange::OPERATION_SYMLINK;
  return symlink ? &event.file_change().target() : &event.file_change().file();
}

const Socket* SocketOf(const Event& event) {
  if (event.has_socket_call()) return &event.socket_call().socket();
  if (event.has_dns()) return &event.dns().socket();
  if (event.has_descriptor_dup() &&
      event.descriptor_dup().refers_to().has_socket()) {
    return &event.descriptor_dup().refers_to().socket();
  }
  return nullptr;
}

bool IsInternet(const Socket& socket) {
  return socket.family() == AF_INET || socket.family() == AF_INET6;
}

// The side that listens: the local one where this process serves.
const Address& ServerEnd(const Event& event, const Socket& socket) {
  const std::string& call = event.syscall();
  const bool serves = call == "bind" || call == "listen" ||
                      call.rfind("accept", 0) == 0 ||
                      (event.has_dns() && socket.remote().port() != kDnsPort);
  return serves ? socket.local() : socket.remote();
}

const Address& ClientEnd(const Event& event, const Socket& socket) {
  return &ServerEnd(event, socket) == &socket.remote() ? socket.local()
                                                       : socket.remote();
}

const Address& LocalEnd(const Event&, const Socket& socket) {
  return socket.local();
}

const Address& RemoteEnd(const Event&, const Socket& socket) {
  return socket.remote();
}

using End = const Address& (*)(const Event& event, const Socket& socket);

void AddAddress(const Address& end, Values& values) {
  if (!end.ip().empty()) values.push_back(AddressValue(end.ip()));
}

void AddPort(const Address& end, Values& values) {
  if (!end.ip().empty()) values.push_back(NumberValue(end.port()));
}

template <End kEnd>
void IpOf(const EventView& view, const FieldArgument&, Values& values) {
  if (const Socket* socket = SocketOf(*view.event)) {
    AddAddress(kEnd(*view.event, *socket), values);
  }
}

template <End kEnd>
void PortOf(const EventView& view, const FieldArgument&, Values& values) {
  if (const Socket* socket = SocketOf(*view.event)) {
    AddPort(kEnd(*view.event, *socket), values);
  }
}

template <End kEnd>
void HostOf(const EventView& view, const FieldArgument&, Values& values) {
  if (const Socket* socket = SocketOf(*view.event)) {
    Text(kEnd(*view.event, *socket).name(), values);
  }
}

void EitherIp(const EventView& view, const FieldArgument&, Values& values) {
  if (const Socket* socket = SocketOf(*view.event)) {
    AddAddress(socket->local(), values);
    AddAddress(socket->remote(), values);
  }
}

void EitherPort(const EventView& view, const FieldArgument&, Values& values) {
  if (const Socket* socket = SocketOf(*view.event)) {
    AddPort(socket->local(), values);
    AddPort(socket->remote(), values);
  }
}

void Number(const EventView& view, const FieldArgument&, Values& values) {
  const Event& event = *view.event;
  if (event.has_socket_call() && event.socket_call().fd() >= 0) {
    values.push_back(NumberValue(event.socket_call().fd()));
  } else if (event.has_descriptor_dup()) {
    values.push_back(NumberValue(event.descriptor_dup().new_fd()));
  } else if (event.has_file_open()) {
    const std::optional<CallResult> result = ResultOf(view);
    if (!result) return;
    values.push_back(NumberValue(std::max<int64_t>(result->value, -1)));
    values.back().presumed = result->presumed;
  }
}

// A connection's name begins with the client.
std::string ConnectionName(const Event& event, const Socket& socket) {
  if (&ClientEnd(event, socket) == &socket.local() ||
      socket.remote().ip().empty()) {
    return SocketName(socket);
  }
  Socket turned = socket;
  turned.mutable_local()->Swap(turned.mutable_remote());
  return SocketName(turned);
}

std::string NameOf(const Event& event) {
  if (const Socket* socket = SocketOf(event)) {
    return ConnectionName(event, *socket);
  }
  if (event.has_memory_file()) {
    return absl::StrCat("/memfd:", event.memory_file().name());
  }
  if (event.has_descriptor_dup()) {
    return DescriptorName(event.descriptor_dup().refers_to());
  }
  return "";
}

void Name(const EventView& view, const FieldArgument&, Values& values) {
  if (const File* file = FileOf(*view.event)) {
    return Borrow(file->path(), values);
  }
  Text(NameOf(*view.event), values);
}

void RawName(const EventView& view, const FieldArgument&, Values& values) {
  if (const File* file = FileOf(*view.event)) Borrow(file->raw_path(), values);
}

void Resolved(const EventView& view, const FieldArgument&, Values& values) {
  const File* file = FileOf(*view.event);
  if (file == nullptr) return;
  Borrow(file->resolved_path().empty() ? file->path() : file->resolved_path(),
         values);
}

void Directory(const EventView& view, const FieldArgument&, Values& values) {
  const File* file = FileOf(*view.event);
  if (file == nullptr) return;
  const absl::string_view path = file->path();
  const size_t slash = path.rfind('/');
  if (slash == path.npos) return;
  Borrow(slash == 0 ? "/" : path.substr(0, slash), values);
}

void FileName(const EventView& view, const FieldArgument&, Values& values) {
  const File* file = FileOf(*view.event);
  if (file == nullptr) return;
  const absl::string_view path = file->path();
  Borrow(path.substr(path.rfind('/') + 1), values);
}

// Falco's type and its letter.
struct TypeName {
  absl::string_view name;
  absl::string_view letter;
};

TypeName TypeOfSocket(const Socket& socket) {
  switch (socket.family()) {
    case AF_INET:
      return {"ipv4", "4"};
    case AF_INET6:
      return {"ipv6", "6"};
    case AF_UNIX:
      return {"unix", "u"};
    case AF_NETLINK:
      return {"netlink", "n"};
    default:
      return {"", ""};
  }
}

TypeName TypeOfDescriptor(v1::Descriptor::Kind kind) {
  switch (kind) {
    case v1::Descriptor::KIND_FILE:
    case v1::Descriptor::KIND_TERMINAL:
    case v1::Descriptor::KIND_DEVICE:
      return {"file", "f"};
    case v1::Descriptor::KIND_DIRECTORY:
      return {"directory", "d"};
    case v1::Descriptor::KIND_PIPE:
      return {"pipe", "p"};
    case v1::Descriptor::KIND_MEMORY:
      return {"memfd", "m"};
    default:
      return {"", ""};
  }
}

TypeName TypeOf(const Event& event) {
  if (const Socket* socket = SocketOf(event)) return TypeOfSocket(*socket);
  if (event.has_memory_file()) return {"memfd", "m"};
  if (event.has_descriptor_dup()) {
    return TypeOfDescriptor(event.descriptor_dup().refers_to().kind());
  }
  const File* file = FileOf(event);
  if (file == nullptr) return {"", ""};
  const bool directory = file->kind() == File::KIND_DIRECTORY;
  return directory ? TypeName{"directory", "d"} : TypeName{"file", "f"};
}

void Type(const EventView& view, const FieldArgument&, Values& values) {
  Borrow(TypeOf(*view.event).name, values);
}

void TypeLetter(const EventView& view, const FieldArgument&, Values& values) {
  Borrow(TypeOf(*view.event).letter, values);
}

bool IsIcmp(const Socket& socket) {
  return socket.protocol() == IPPROTO_ICMP ||
         socket.protocol() == IPPROTO_ICMPV6;
}

void Protocol(const EventView& view, const FieldArgument&, Values& values) {
  const Socket* socket = SocketOf(*view.event);
  if (socket == nullptr || !IsInternet(*socket)) return;
  switch (socket->type()) {
    case SOCK_STREAM:
      return Text("tcp", values);
    case SOCK_DGRAM:
      return Text(IsIcmp(*socket) ? "icmp" : "udp", values);
    case SOCK_RAW:
      return Text("raw", values);
    default:
      return;
  }
}

// Datagrams are an event when they go to a new peer, or come from one.
bool IsDatagram(const Event& event) {
  return event.has_socket_call() && (event.syscall().rfind("send", 0) == 0 ||
                                     event.syscall().rfind("recv", 0) == 0);
}

void IsConnected(const EventView& view, const FieldArgument&, Values& values) {
  if (!view.event->has_socket_call() || view.event->syscall() == "socket") {
    return;
  }
  const std::string& call = view.event->syscall();
  values.push_back(
      BoolValue(call == "connect" || call.rfind("accept", 0) == 0));
}

void NameChanged(const EventView& view, const FieldArgument&, Values& values) {
  if (!view.event->has_socket_call()) return;
  values.push_back(
      BoolValue(IsDatagram(*view.event) || view.event->syscall() == "connect"));
}

void IsServer(const EventView& view, const FieldArgument&, Values& values) {
  const Socket* socket = SocketOf(*view.event);
  if (socket == nullptr || !IsInternet(*socket)) return;
  values.push_back(
      BoolValue(&ServerEnd(*view.event, *socket) == &socket->local()));
}

// What the argument named fd of a call refers to; its number where that has
// no name.
void DescriptorArgument(const EventView& view, const FieldArgument& none,
                        Values& values) {
  if (view.event->has_file_change()) return;
  Name(view, none, values);
  if (values.empty()) Number(view, none, values);
}

// The name that `extract` finds, behind the container's id.
void InContainer(const EventView& view, const FieldArgument& none,
                 FieldRow::Extract extract, Values& values) {
  Values found;
  extract(view, none, found);
  if (found.empty()) return;
  const std::string id =
      view.container == nullptr ? "" : view.container->id().substr(0, 12);
  Text(absl::StrCat(id, ":", found[0].text), values);
}

void ContainerName(const EventView& view, const FieldArgument& none,
                   Values& values) {
  InContainer(view, none, Name, values);
}

void ContainerDirectory(const EventView& view, const FieldArgument& none,
                        Values& values) {
  InContainer(view, none, Directory, values);
}

void Family(const EventView& view, const FieldArgument&, Values& values) {
  const Socket* socket = SocketOf(*view.event);
  if (socket == nullptr) return;
  if (IsInternet(*socket)) Text("ip", values);
  if (socket->family() == AF_UNIX) Text("unix", values);
}

using enum ValueType;
constexpr ArgumentKind kNoArgument = ArgumentKind::kNone;

constexpr FieldRow kFields[] = {
    {"fd.num", kNumber, Number, "the descriptor"},
    {"fd.name", kText, Name, "path, or local->remote"},
    {"fd.nameraw", kText, RawName, "path as the program passed it"},
    {"fd.resolved", kText, Resolved, "path with links followed"},
    {"fd.directory", kText, Directory, "folder of the path"},
    {"fd.filename", kText, FileName, "last part of the path"},
    {"fd.type", kText, Type, "file, directory, ipv4, ipv6, unix …"},
    {"fd.typechar", kText, TypeLetter, "its letter: f d 4 6 u …"},
    {"fd.sockfamily", kText, Family, "ip or unix"},
    {"fd.connected", kBool, IsConnected, "the socket has a fixed peer"},
    {"fd.name_changed", kBool, NameChanged, "the call gave it another peer"},
    {"fd.is_server", kBool, IsServer, "the local end is the server's"},
    {"fd.containername", kText, ContainerName, "container's id and fd.name"},
    {"fd.containerdirectory", kText, ContainerDirectory,
     "container's id and fd.directory"},
    {"evt.arg.fd", kText, DescriptorArgument, "what the descriptor refers to"},
    {"fd.l4proto", kText, Protocol, "tcp, udp, icmp, raw"},
    {"fd.ip", kAddress, EitherIp, "either end", kNoArgument, true},
    {"fd.net", kAddress, EitherIp, "either end", kNoArgument, true},
    {"fd.port", kNumber, EitherPort, "either end", kNoArgument, true},
    {"fd.sip", kAddress, IpOf<ServerEnd>, "the server's address"},
    {"fd.sip.name", kText, HostOf<ServerEnd>, "the name it was resolved from"},
    {"fd.snet", kAddress, IpOf<ServerEnd>, "the same"},
    {"fd.sport", kNumber, PortOf<ServerEnd>, "the server's port"},
    {"fd.cip", kAddress, IpOf<ClientEnd>, "the client's address"},
    {"fd.cip.name", kText, HostOf<ClientEnd>, "the name it was resolved from"},
    {"fd.cnet", kAddress, IpOf<ClientEnd>, "the same"},
    {"fd.cport", kNumber, PortOf<ClientEnd>, "the client's port"},
    {"fd.lip", kAddress, IpOf<LocalEnd>, "the local address"},
    {"fd.lip.name", kText, HostOf<LocalEnd>, "the name it was resolved from"},
    {"fd.lnet", kAddress, IpOf<LocalEnd>, "the same"},
    {"fd.lport", kNumber, PortOf<LocalEnd>, "the local port"},
    {"fd.rip", kAddress, IpOf<RemoteEnd>, "the remote address"},
    {"fd.rip.name", kText, HostOf<RemoteEnd>, "the name it was resolved from"},
    {"fd.rnet", kAddress, IpOf<RemoteEnd>, "the same"},
    {"fd.rport", kNumber, PortOf<RemoteEnd>, "the remote port"},
};

}  // namespace

absl::Span<const FieldRow> DescriptorFields() { return kFields; }

}  // namespace gatewatch::detection
