#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/simulate/loopback.h"
#include "cli/simulate/techniques.h"

namespace gatewatch::cli {
namespace {

constexpr uint16_t kAddress = 1;
constexpr uint16_t kText = 16;
constexpr char kPacket[] = "packet";

absl::Status Hold(const SimulationContext& context,
                  absl::StatusOr<UniqueFd> socket) {
  if (!socket.ok()) return socket.status();
  context.held.push_back(*std::move(socket));
  return absl::OkStatus();
}

absl::Status Ask(const SimulationContext& context, const std::string& name) {
  context.out << "  asking the loopback for " << name << '\n';
  return Hold(context, AskForName(name, kAddress));
}

absl::Status SimulateRebinding(const SimulationContext& context) {
  context.out << "  answering on the loopback that rebind.example is "
                 "169.254.169.254\n";
  const absl::Status status =
      Hold(context, ResolveTo("rebind.example", "169.254.169.254"));
  if (!absl::IsPermissionDenied(status)) return status;
  context.out << "  (" << status.message() << ")\n";
  return absl::OkStatus();
}

absl::Status SimulateDataInNames(const SimulationContext& context) {
  const std::string data(48, 'a');
  context.out << "  asking the loopback for " << data
              << ".tunnel.example, type TXT\n";
  return Hold(context,
              AskForName(absl::StrCat(data, ".tunnel.example"), kText));
}

using Context = const SimulationContext&;

constexpr Simulation kSimulations[] = {
    {"crypto-domain", "Cryptocurrency domain asked for", "T1496",
     "a name of the list crypto_domains is asked for",
     [](Context context) { return Ask(context, "pool.example"); }, kPacket},
    {"c2-domain", "Command and control domain asked for", "T1071.004",
     "a name of the list command_and_control_domains is asked for",
     [](Context context) { return Ask(context, "c2.example"); }, kPacket},
    {"black-hole-domain", "Black hole domain asked for", "T1071.004",
     "a name of the list black_hole_domains is asked for",
     [](Context context) { return Ask(context, "sinkhole.example"); }, kPacket},
    {"drop-point-domain", "Drop point domain asked for", "T1041",
     "a name of the list drop_point_domains is asked for",
     [](Context context) { return Ask(context, "drop.example"); }, kPacket},
    {"drive-by-domain", "Drive-by source asked for", "T1189",
     "a name of the list drive_by_domains is asked for",
     [](Context context) { return Ask(context, "driveby.example"); }, kPacket},
    {"phishing-domain", "Phishing domain asked for", "T1566.002",
     "a name of the list phishing_domains is asked for",
     [](Context context) { return Ask(context, "phishing.example"); }, kPacket},
    {"abused-domain", "Abused domain asked for", "T1584.001",
     "a name of the list abused_domains is asked for",
     [](Context context) { return Ask(context, "abused.example"); }, kPacket},
    {"malicious-domain", "Malicious domain asked for", "T1583.001",
     "a name of the list malicious_domains is asked for",
     [](Context context) { return Ask(context, "malicious.example"); },
     kPacket},
    {"suspicious-domain", "Suspicious domain asked for", "T1583.001",
     "a name of the list suspicious_domains is asked for",
     [](Context context) { return Ask(context, "suspicious.example"); },
     kPacket},
    {"generated-domain", "Algorithmic domain asked for", "T1568.002",
     "a name of the list dga_domains is asked for",
     [](Context context) { return Ask(context, "generated.example"); },
     kPacket},
    {"metadata-rebinding", "Name resolved to the metadata address", "T1552.005",
     "a name is answered with 169.254.169.254", SimulateRebinding, kPacket},
    {"dns-tunnel", "Data in DNS names", "T1071.004",
     "a name that carries data is asked for", SimulateDataInNames, kPacket},
};

}  // namespace

absl::Span<const Simulation> NameSimulations() { return kSimulations; }

}  // namespace gatewatch::cli
