#include "iac/model/kubernetes.h"

#include <array>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "iac/model/kubernetes_pod.h"
#include "iac/model/names.h"
#include "iac/model/value.h"

namespace gatewatch::iac {
namespace {

// Where an object's pod or template may be: what holds metadata and spec.
using Path = std::vector<absl::string_view>;

std::vector<Path> TemplatePaths() {
  return {{"spec", "jobTemplate", "spec", "template"},
          {"spec", "template"},
          {"template"},
          {}};
}

void ReadAnnotations(const Value& metadata, const Subject& subject,
                     Model& model) {
  for (const auto& [name, value] : metadata.Get("annotations").Members()) {
    absl::string_view check = name;
    if (!absl::ConsumePrefix(&check, kIgnoreKey)) continue;
    model.suppressions.push_back({.check = std::string(check),
                                  .reason = value.AsText().value,
                                  .subject = subject,
                                  .place = value.place()});
  }
}

void ReadServiceAccount(const Value& object, Model& model) {
  const Value metadata = object.Get("metadata");
  model.service_accounts.push_back(
      {metadata.Get("name").AsText().value,
       metadata.Get("namespace").AsText().value,
       object.Get("automountServiceAccountToken").AsFlag()});
}

void ReadPods(const Value& object, const std::string& kind,
              const Subject& subject, Model& model) {
  for (const Path& path : TemplatePaths()) {
    Value pod = object;
    for (const absl::string_view key : path) pod = pod.Get(key);
    const Value spec = pod.Get("spec");
    if (spec.Get("containers").absent()) continue;
    Workload workload;
    workload.subject = subject;
    workload.place = spec.place();
    workload.space = object.Get("metadata").Get("namespace").AsText().value;
    workload.runs_to_completion = kind == "Job" || kind == "CronJob";
    ReadPod(pod.Get("metadata"), spec, workload);
    if (!path.empty()) ReadAnnotations(pod.Get("metadata"), subject, model);
    model.workloads.push_back(std::move(workload));
    return;
  }
}

// "Deployment shop/web"
std::string ObjectName(const Value& object, const std::string& kind) {
  const Value metadata = object.Get("metadata");
  const std::string space = metadata.Get("namespace").AsText().value;
  const std::string name =
      metadata.Get({"name", "generateName"}).AsText().value;
  return absl::StrCat(kind, " ", space, space.empty() ? "" : "/",
                      name.empty() ? "?" : name);
}

void ReadObject(const Value& object, Model& model) {
  const std::string kind = object.Get("kind").AsText().value;
  if (absl::EndsWith(kind, "List")) {
    for (const Value& item : object.Get("items").Items()) {
      ReadObject(item, model);
    }
    return;
  }
  const Subject subject{ObjectName(object, kind), ""};
  ReadAnnotations(object.Get("metadata"), subject, model);
  if (kind == "ServiceAccount") ReadServiceAccount(object, model);
  if (kind == "ClusterRoleBinding") {
    model.cluster_bindings.push_back(
        {subject, object.place(), object.Get("roleRef").Get("name").AsText()});
  }
  ReadPods(object, kind, subject, model);
}

}  // namespace

bool IsKubernetes(const Node& root) {
  const Node* version = root.Find("apiVersion");
  const Node* kind = root.Find("kind");
  return version != nullptr && kind != nullptr &&
         version->kind == Node::Kind::kScalar &&
         kind->kind == Node::Kind::kScalar;
}

void ReadKubernetes(const Node& root, Model& model) {
  ReadObject(Value(root, ExactDialect()), model);
}

}  // namespace gatewatch::iac
