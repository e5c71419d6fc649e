#include "detection/descriptor_text.h"

#include "absl/strings/str_cat.h"
#include "detection/value.h"

namespace gatewatch::detection {
namespace {

std::string EndName(const v1::Address& address) {
  const std::string ip = AddressText(address.ip());
  if (ip.empty()) return "";
  return absl::StrCat(ip, ":", address.port());
}

}  // namespace

std::string SocketName(const v1::Socket& socket) {
  const std::string local = EndName(socket.local());
  const std::string remote = EndName(socket.remote());
  if (!local.empty() && !remote.empty()) {
    return absl::StrCat(local, "->", remote);
  }
  if (!local.empty() || !remote.empty()) return local + remote;
  const std::string& path = socket.remote().path();
  return path.empty() ? socket.local().path() : path;
}

std::string DescriptorName(const v1::Descriptor& descriptor) {
  if (descriptor.has_socket()) return SocketName(descriptor.socket());
  return descriptor.path();
}

}  // namespace gatewatch::detection
