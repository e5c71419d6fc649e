#include "iac/inject/sidecar.h"

#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "iac/inject/names.h"
#include "iac/inject/vocabulary.h"

namespace gatewatch::iac {
namespace {

using Members = std::vector<Snippet::Member>;

// Of the smallest task, which has 256 CPU units and 512 MiB.
constexpr int kCpuUnits = 32;
constexpr int kMemoryMib = 64;
constexpr int kRestartPeriodSeconds = 60;  // the least that ECS allows
constexpr int kStopTimeoutSeconds = 30;

// Builds mappings of schema keys in the file's case.
class Writer {
 public:
  explicit Writer(const Target& target) : target_(target) {}

  Snippet Map(Members members) const {
    for (auto& [key, value] : members) key = KeyFor(target_, key);
    return Snippet::Mapping(std::move(members));
  }

  Snippet Variable(const std::string& name, const std::string& value) const {
    return Map(
        {{"name", Snippet::String(name)}, {"value", Snippet::String(value)}});
  }

 private:
  const Target& target_;
};

Snippet FromField(const Writer& write, const char* name, const char* field) {
  return write.Map(
      {{"name", Snippet::String(name)},
       {"valueFrom",
        write.Map({{"fieldRef",
                    write.Map({{"fieldPath", Snippet::String(field)}})}})}});
}

// SECRET/KEY
Snippet FromSecret(const Writer& write, const InjectOptions::Pair& secret) {
  const std::pair<std::string, std::string> place =
      absl::StrSplit(secret.second, absl::MaxSplits('/', 1));
  return write.Map(
      {{"name", Snippet::String(secret.first)},
       {"valueFrom",
        write.Map({{"secretKeyRef",
                    write.Map({{"name", Snippet::String(place.first)},
                               {"key", Snippet::String(place.second)}})}})}});
}

Snippet Variables(const Writer& write, const InjectOptions& options,
                  const std::string& record) {
  std::vector<Snippet> variables;
  for (const auto& [name, value] : options.environment) {
    variables.push_back(write.Variable(name, value));
  }
  if (options.mode == InjectOptions::Mode::kLaunch) {
    variables.push_back(write.Variable("GATEWATCH_ATTACH", "no"));
  }
  variables.push_back(write.Variable(kRecordVariable, record));
  return Snippet::Sequence(std::move(variables));
}

Snippet Capability(const Writer& write) {
  return write.Map({{"add", Snippet::Strings({"SYS_PTRACE"})}});
}

Snippet EcsAgent(const Target& target, const InjectOptions& options,
                 const std::string& record, const std::optional<Snippet>& log) {
  const Writer write(target);
  Members members = {
      {"name", Snippet::String(kAgentContainer)},
      {"image", Snippet::String(options.image)},
      {"essential", Snippet::Bool(false)},
      {"cpu", Snippet::Number(kCpuUnits)},
      {"memoryReservation", Snippet::Number(kMemoryMib)},
      {"readonlyRootFilesystem", Snippet::Bool(true)},
      {"linuxParameters", write.Map({{"capabilities", Capability(write)}})},
      {"restartPolicy", write.Map({{"enabled", Snippet::Bool(true)},
                                   {"restartAttemptPeriod",
                                    Snippet::Number(kRestartPeriodSeconds)}})},
      {"stopTimeout", Snippet::Number(kStopTimeoutSeconds)},
      {"healthCheck",
       write.Map(
           {{"command", Snippet::Strings({"CMD", kAgentContainer, "--health"})},
            {"interval", Snippet::Number(10)},
            {"timeout", Snippet::Number(5)},
            {"retries", Snippet::Number(3)},
            {"startPeriod", Snippet::Number(10)}})},
      {"environment", Variables(write, options, record)}};
  if (!options.secrets.empty()) {
    std::vector<Snippet> secrets;
    for (const auto& [name, arn] : options.secrets) {
      secrets.push_back(write.Map({{"name", Snippet::String(name)},
                                   {"valueFrom", Snippet::String(arn)}}));
    }
    members.push_back({"secrets", Snippet::Sequence(std::move(secrets))});
  }
  if (log.has_value()) members.push_back({"logConfiguration", *log});
  return write.Map(std::move(members));
}

Snippet Resources(const Writer& write) {
  const Snippet amounts = write.Map(
      {{"cpu", Snippet::String("50m")}, {"memory", Snippet::String("128Mi")}});
  return write.Map({{"requests", amounts}, {"limits", amounts}});
}

Snippet KubernetesAgent(const Target& target, const InjectOptions& options,
                        const std::string& record) {
  const Writer write(target);
  Snippet variables = Variables(write, options, record);
  for (const auto& [name, field] :
       {std::pair{"POD_NAME", "metadata.name"},
        std::pair{"POD_NAMESPACE", "metadata.namespace"},
        std::pair{"NODE_NAME", "spec.nodeName"},
        std::pair{"POD_SERVICE_ACCOUNT", "spec.serviceAccountName"}}) {
    variables.items.push_back(FromField(write, name, field));
  }
  for (const auto& secret : options.secrets) {
    variables.items.push_back(FromSecret(write, secret));
  }
  // Root, whatever the pod says, since its helpers take other users' ids.
  Members security = {{"runAsUser", Snippet::Number(0)},
                      {"runAsNonRoot", Snippet::Bool(false)},
                      {"readOnlyRootFilesystem", Snippet::Bool(true)}};
  if (options.on_nodes) security.push_back({"capabilities", Capability(write)});
  Members members = {{"name", Snippet::String(kAgentContainer)},
                     {"image", Snippet::String(options.image)},
                     {"env", std::move(variables)},
                     {"resources", Resources(write)},
                     {"securityContext", write.Map(std::move(security))}};
  // A pod of a Job is done when its containers are; this one never is.
  if (target.ends_by_itself) {
    members.push_back({"restartPolicy", Snippet::String("Always")});
  }
  return write.Map(std::move(members));
}

}  // namespace

Snippet AgentContainer(const Target& target, const InjectOptions& options,
                       const std::string& record,
                       const std::optional<Snippet>& log) {
  return target.shape == Target::Shape::kPod
             ? KubernetesAgent(target, options, record)
             : EcsAgent(target, options, record, log);
}

Snippet InitContainer(const Target& target, const InjectOptions& options,
                      const std::optional<Snippet>& log) {
  const Writer write(target);
  const Vocabulary& words = VocabularyOf(target);
  Members members = {{"name", Snippet::String(kInitContainer)},
                     {"image", Snippet::String(options.image)}};
  const bool pod = target.shape == Target::Shape::kPod;
  if (!pod) members.push_back({"essential", Snippet::Bool(false)});
  members.push_back({words.entry, Snippet::Strings({"cp"})});
  members.push_back(
      {words.arguments,
       Snippet::Strings({"/usr/local/bin/gatewatch-launch", kLauncher})});
  Snippet mount = write.Map(
      {{words.mounted_volume, Snippet::String(kVolume)},
       {pod ? "mountPath" : "containerPath", Snippet::String(kMountPath)}});
  members.push_back({words.mounts, Snippet::Sequence({std::move(mount)})});
  if (pod) {
    members.push_back({"resources", Resources(write)});
    // Anybody may write into an emptyDir, and nothing here needs root.
    members.push_back(
        {"securityContext",
         write.Map({{"runAsUser", Snippet::Number(65532)},
                    {"runAsNonRoot", Snippet::Bool(true)},
                    {"readOnlyRootFilesystem", Snippet::Bool(true)}})});
  }
  if (log.has_value()) members.push_back({"logConfiguration", *log});
  return write.Map(std::move(members));
}

Snippet AwsLogs(const Target& target, const InjectOptions& options) {
  const Writer write(target);
  const Snippet region =
      options.log_region.empty()
          ? Snippet::Mapping({{"Ref", Snippet::String("AWS::Region")}})
          : Snippet::String(options.log_region);
  // The driver's own options are not of ECS's schema, and so keep their case.
  Snippet settings = Snippet::Mapping(
      {{"awslogs-group", Snippet::String(options.log_group)},
       {"awslogs-region", region},
       {"awslogs-stream-prefix", Snippet::String("gatewatch")}});
  return write.Map({{"logDriver", Snippet::String("awslogs")},
                    {"options", std::move(settings)}});
}

Snippet LauncherMount(const Target& target) {
  const Writer write(target);
  return write.Map(
      {{VocabularyOf(target).mounted_volume, Snippet::String(kVolume)},
       {target.shape == Target::Shape::kPod ? "mountPath" : "containerPath",
        Snippet::String(kMountPath)},
       {"readOnly", Snippet::Bool(true)}});
}

Snippet LauncherVolume(const Target& target) {
  const Writer write(target);
  Members members = {{"name", Snippet::String(kVolume)}};
  if (target.shape == Target::Shape::kPod) {
    members.push_back({"emptyDir", Snippet::Mapping({})});
  }
  return write.Map(std::move(members));
}

}  // namespace gatewatch::iac
