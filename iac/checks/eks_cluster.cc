#include "absl/algorithm/container.h"
#include "iac/checks/checks.h"

namespace gatewatch::iac {
namespace {

void CheckEndpoint(const EksCluster& cluster, Report& report) {
  const Flag& open = cluster.public_endpoint;
  const TextList& ranges = cluster.public_ranges;
  if (open.Is(false)) return;
  if (open.unknown() || HoldsUnknown(ranges)) {
    report.AddUnknown(cluster.subject, open.place,
                      "who reaches its API over the internet");
    return;
  }
  const bool everybody = ranges.value.empty() ||
                         absl::c_any_of(ranges.value, [](const Text& range) {
                           return range.Is("0.0.0.0/0") || range.Is("::/0");
                         });
  if (everybody) {
    report.Add(cluster.subject, open.place,
               "everybody on the internet reaches its API");
  }
}

}  // namespace

void CheckEksCluster(const Model& model, Report& report) {
  for (const EksCluster& cluster : model.eks_clusters) {
    CheckEndpoint(cluster, report);
    if (cluster.secrets_key == Presence::kUnknown) {
      report.AddUnknown(cluster.subject, cluster.place,
                        "whether its secrets have a key of yours");
    } else if (cluster.secrets_key == Presence::kAbsent) {
      report.Add(cluster.subject, cluster.place,
                 "its secrets are not encrypted with a key of yours");
    }
    const bool audited = absl::c_any_of(
        cluster.logs.value, [](const Text& type) { return type.Is("audit"); });
    if (audited) continue;
    if (HoldsUnknown(cluster.logs)) {
      report.AddUnknown(cluster.subject, cluster.logs.place,
                        "whether it has an audit log");
    } else {
      report.Add(cluster.subject, cluster.logs.place, "has no audit log");
    }
  }
}

}  // namespace gatewatch::iac
