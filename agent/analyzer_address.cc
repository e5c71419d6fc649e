#include "agent/analyzer_address.h"

#include <arpa/inet.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace gatewatch::agent {
namespace {

bool IsLoopback(absl::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  in_addr ip = {};
  return ::inet_pton(AF_INET, std::string(host).c_str(), &ip) == 1 &&
         ntohl(ip.s_addr) >> 24 == 127;
}

}  // namespace

absl::Status CheckAnalyzerAddress(absl::string_view address, bool insecure) {
  for (const absl::string_view scheme : {"unix:", "unix-abstract:"}) {
    if (!absl::ConsumePrefix(&address, scheme)) continue;
    if (!address.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError("analyzer address: no socket path");
  }
  const size_t colon = address.rfind(':');
  uint32_t port = 0;
  if (colon == absl::string_view::npos || colon == 0 ||
      !absl::SimpleAtoi(address.substr(colon + 1), &port) || port == 0 ||
      port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat(
        "analyzer address \"", address, "\": want host:port or unix:/path"));
  }
  if (insecure || IsLoopback(address.substr(0, colon))) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "analyzer address \"", address,
      "\" is not on loopback, and events would travel unencrypted; allow that "
      "explicitly (--insecure) or put a TLS proxy on loopback"));
}

}  // namespace gatewatch::agent
