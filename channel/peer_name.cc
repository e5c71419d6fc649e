#include "channel/peer_name.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace gatewatch::channel {
namespace {

constexpr absl::string_view kScheme = "gatewatch://";
constexpr size_t kMaxName = 256;

struct RoleRow {
  Role role;
  absl::string_view text;
};

constexpr RoleRow kRoles[] = {{Role::kAgent, "agent"},
                              {Role::kAnalyst, "analyst"}};

bool IsName(absl::string_view name, Role role) {
  if (name.empty() || name.size() > kMaxName) return false;
  if (!std::all_of(name.begin(), name.end(), absl::ascii_isgraph)) return false;
  const size_t star = name.find('*');
  return star == absl::string_view::npos ||
         (role == Role::kAgent && star == name.size() - 1);
}

}  // namespace

absl::string_view RoleText(Role role) {
  const auto* row =
      std::find_if(std::begin(kRoles), std::end(kRoles),
                   [role](const RoleRow& each) { return each.role == role; });
  return row->text;
}

std::string ToUri(const PeerName& peer) {
  return absl::StrCat(kScheme, RoleText(peer.role), "/", peer.name);
}

absl::StatusOr<PeerName> ParsePeerName(absl::string_view uri) {
  absl::string_view rest = uri;
  if (absl::ConsumePrefix(&rest, kScheme)) {
    for (const RoleRow& row : kRoles) {
      absl::string_view name = rest;
      if (absl::ConsumePrefix(&name, row.text) &&
          absl::ConsumePrefix(&name, "/") && IsName(name, row.role)) {
        return PeerName{row.role, std::string(name)};
      }
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", uri,
      "\" names no peer: expected gatewatch://agent/NAME or "
      "gatewatch://analyst/NAME, NAME being up to ",
      kMaxName,
      " characters without spaces, an agent's with at most one * at its end"));
}

absl::StatusOr<PeerName> PeerNameIn(const std::vector<std::string>& uris) {
  std::optional<PeerName> found;
  for (const std::string& uri : uris) {
    if (!absl::StartsWith(uri, kScheme)) continue;
    const auto name = ParsePeerName(uri);
    if (!name.ok()) return absl::UnauthenticatedError(name.status().message());
    if (found) {
      return absl::UnauthenticatedError(
          "the certificate bears more than one gatewatch:// name: issue one "
          "for each peer");
    }
    found = *name;
  }
  if (found) return *std::move(found);
  return absl::UnauthenticatedError(
      "the certificate bears no gatewatch:// name: issue one with "
      "gatewatch://agent/NAME or gatewatch://analyst/NAME among its subject's "
      "alternative names");
}

bool MayReportAs(const PeerName& peer, absl::string_view agent_id) {
  if (peer.role != Role::kAgent) return false;
  absl::string_view name = peer.name;
  if (!absl::ConsumeSuffix(&name, "*")) return name == agent_id;
  return absl::StartsWith(agent_id, name);
}

}  // namespace gatewatch::channel
