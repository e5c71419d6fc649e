#include "iac/model/ecs.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "iac/model/ecs_container.h"
#include "iac/model/names.h"

namespace gatewatch::iac {
namespace {

void AddTag(absl::string_view key, const Value& value,
            const std::string& object, Model& model) {
  if (!absl::ConsumePrefix(&key, kIgnoreKey)) return;
  model.suppressions.push_back({.check = std::string(key),
                                .reason = value.AsText().value,
                                .subject = {object, ""},
                                .place = value.place()});
}

Flag Fargate(const Value& compatibilities) {
  const TextList list = compatibilities.AsTexts();
  const bool named = absl::c_any_of(
      list.value, [](const Text& item) { return item.Is("FARGATE"); });
  Flag fargate{list.presence, named, list.place};
  if (!named && HoldsUnknown(list)) fargate.presence = Presence::kUnknown;
  return fargate;
}

Volume ReadVolume(const Value& value) {
  const Value efs = value.Get("efsVolumeConfiguration");
  Volume volume;
  volume.name = value.Get("name").AsText().value;
  volume.place = value.place();
  // Terraform has no "host" around it.
  volume.host_path = value.Get("host").Get("sourcePath").AsText();
  const Text flat = value.Get("hostPath").AsText();
  if (!flat.absent() && !flat.Is("")) volume.host_path = flat;
  volume.efs = efs.Items().empty() ? Presence::kAbsent : efs.presence();
  volume.transit_encryption = efs.Get("transitEncryption").AsText();
  volume.efs_iam = efs.Get("authorizationConfig").Get("iam").AsText();
  return volume;
}

void ReadVolumes(const Value& volumes, Workload& workload) {
  for (const Value& value : volumes.Items()) {
    workload.volumes.push_back(ReadVolume(value));
    const Volume& volume = workload.volumes.back();
    if (volume.host_path.known() && !volume.host_path.value.empty()) {
      workload.not_on_fargate.push_back({"host.sourcePath", volume.host_path});
    }
    for (NamedText& setting : WrittenOf(value, {"dockerVolumeConfiguration"})) {
      workload.not_on_fargate.push_back(std::move(setting));
    }
  }
}

bool IsWindows(const Value& definition) {
  const Text family =
      definition.Get("runtimePlatform").Get("operatingSystemFamily").AsText();
  return family.known() && absl::StartsWith(family.value, "WINDOWS");
}

}  // namespace

void ReadTags(const Value& tags, const std::string& object, Model& model) {
  for (const Value& tag : tags.Items()) {
    const Text key = tag.Get("key").AsText();
    if (key.known()) AddTag(key.value, tag.Get("value"), object, model);
  }
  for (const auto& [key, value] : tags.Members()) {
    AddTag(key, value, object, model);
  }
}

void ReadTaskDefinition(const Value& definition, const Value& containers,
                        const std::string& object, Model& model) {
  Workload workload;
  workload.subject = {object, ""};
  workload.place = definition.place();
  workload.fargate = Fargate(definition.Get("requiresCompatibilities"));
  workload.windows = IsWindows(definition);
  workload.pid_mode = definition.Get("pidMode").AsText();
  workload.ipc_mode = definition.Get("ipcMode").AsText();
  workload.network_mode = definition.Get("networkMode").AsText();
  workload.cpu = definition.Get("cpu").AsText();
  workload.memory = definition.Get("memory").AsText();
  workload.task_role = definition.Get("taskRoleArn").AsText();
  workload.execution_role = definition.Get("executionRoleArn").AsText();
  workload.not_on_fargate = WrittenOf(
      definition, {"placementConstraints", "ipcMode", "inferenceAccelerators"});
  ReadVolumes(definition.Get({"volumes", "volume"}), workload);
  workload.has_containers = containers.presence();
  for (const Value& container : containers.Items()) {
    if (container.unknown()) {
      workload.has_containers = Presence::kUnknown;
      continue;
    }
    workload.containers.push_back(ReadEcsContainer(
        container, object, workload.sysctls, model.suppressions));
  }
  ReadTags(definition.Get("tags"), object, model);
  model.workloads.push_back(std::move(workload));
}

void ReadService(const Value& value, const std::string& object, Model& model) {
  Service service;
  service.subject = {object, ""};
  service.place = value.place();
  // Terraform has no "awsvpcConfiguration" in between.
  const Value network = value.Get("networkConfiguration");
  const Value inner = network.Get("awsvpcConfiguration");
  const Value& vpc = inner.absent() ? network : inner;
  const Value address = vpc.Get("assignPublicIp");
  service.public_address = address.AsFlag();
  const Text word = address.AsText();
  if (word.Is("ENABLED") || word.Is("DISABLED")) {
    service.public_address = {Presence::kKnown, word.value == "ENABLED",
                              word.place};
  }
  service.security_groups = vpc.Get("securityGroups").AsTexts();
  service.platform_version = value.Get("platformVersion").AsText();
  service.exec = value.Get("enableExecuteCommand").AsFlag();
  ReadTags(value.Get("tags"), object, model);
  model.services.push_back(std::move(service));
}

void ReadCluster(const Value& value, const std::string& object, Model& model) {
  EcsCluster cluster;
  cluster.subject = {object, ""};
  cluster.place = value.place();
  const Value settings = value.Get({"clusterSettings", "setting", "settings"});
  if (settings.unknown()) cluster.insights = settings.AsText();
  for (const Value& setting : settings.Items()) {
    if (setting.Get("name").AsText().Is("containerInsights")) {
      cluster.insights = setting.Get("value").AsText();
    }
  }
  const Value exec =
      value.Get("configuration").Get("executeCommandConfiguration");
  cluster.exec = exec.Items().empty() ? Presence::kAbsent : exec.presence();
  cluster.exec_logging = exec.Get("logging").AsText();
  cluster.exec_key = exec.Get("kmsKeyId").AsText();
  ReadTags(value.Get("tags"), object, model);
  model.ecs_clusters.push_back(std::move(cluster));
}

}  // namespace gatewatch::iac
