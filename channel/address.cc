#include "channel/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace gatewatch::channel {
namespace {

constexpr uint32_t kMaxPort = 65535;

bool IsLoopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> IN_CLASSA_NSHIFT) == IN_LOOPBACKNET;
  }
  in6_addr v6;
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 &&
         IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  for (const absl::string_view scheme : {"unix:", "unix-abstract:"}) {
    if (!absl::StartsWith(text, scheme)) continue;
    if (text.size() == scheme.size()) break;
    return Address{
        .text = std::string(text), .local = true, .socket = scheme == "unix:"};
  }
  const size_t colon = text.rfind(':');
  uint32_t port = 0;
  if (colon == absl::string_view::npos || colon == 0 ||
      !absl::SimpleAtoi(text.substr(colon + 1), &port) || port > kMaxPort) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", text, "\" is no address: expected HOST:PORT or unix:/PATH"));
  }
  absl::string_view host = text.substr(0, colon);
  const bool bracketed =
      absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  if (!bracketed && absl::StrContains(host, ":")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", text, "\" is no address: write IPv6 as [ADDRESS]:PORT"));
  }
  Address address{
      .text = std::string(text), .host = std::string(host), .port = port};
  address.local = IsLoopback(address.host);
  return address;
}

}  // namespace gatewatch::channel
