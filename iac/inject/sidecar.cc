#include "iac/inject/sidecar.h"

#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "iac/inject/names.h"
#include "iac/inject/vocabulary.h"

namespace gatewatch::iac {
namespace {

using Members = std::vector<Snippet::Member>;

// Of the smallest task, which has 256 CPU units and 512 MiB.
constexpr int kCpuUnits = 32;
constexpr int kMemoryMib = 128;
constexpr int kMemoryReservedMib = 64;
constexpr char kMemoryOfAgent[] = "96MiB";  // below the container's
constexpr int kRestartPeriodSeconds = 60;   // the least that ECS allows
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

// What a person gave counts more than what the template has.
InjectOptions::Pairs VariablesOf(const InjectOptions& options,
                                 const std::string& record) {
  InjectOptions::Pairs variables = options.environment;
  InjectOptions::Pairs own = {{"GATEWATCH_MEMORY_LIMIT", kMemoryOfAgent}};
  if (options.mode == InjectOptions::Mode::kLaunch) {
    own.push_back({"GATEWATCH_ATTACH", "no"});
    own.push_back({"GATEWATCH_DNS", "yes"});
  }
  for (const InjectOptions::Pair& variable : own) {
    const bool given = absl::c_any_of(
        options.environment,
        [&](const auto& other) { return other.first == variable.first; });
    if (!given) variables.push_back(variable);
  }
  variables.push_back({kRecordVariable, record});
  return variables;
}

Snippet Variables(const Writer& write, const InjectOptions& options,
                  const std::string& record) {
  std::vector<Snippet> variables;
  for (const auto& [name, value] : VariablesOf(options, record)) {
    variables.push_back(write.Variable(name, value));
  }
  return Snippet::Sequence(std::move(variables));
}

Snippet DropAll(const Writer& write) {
  return write.Map({{"drop", Snippet::Strings({"ALL"})}});
}

// Of the default set, what the agent's helpers need stays. Fargate can add
// SYS_PTRACE alone.
Snippet EcsCapabilities(const Writer& write, const InjectOptions& options) {
  Members capabilities;
  if (options.mode == InjectOptions::Mode::kSidecar) {
    capabilities.push_back({"add", Snippet::Strings({"SYS_PTRACE"})});
  }
  capabilities.push_back(
      {"drop", Snippet::Strings({"AUDIT_WRITE", "CHOWN", "FOWNER", "FSETID",
                                 "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
                                 "SETPCAP", "SYS_CHROOT"})});
  return write.Map(std::move(capabilities));
}

Snippet EcsAgent(const Target& target, const InjectOptions& options,
                 const std::string& record, const std::optional<Snippet>& log) {
  const Writer write(target);
  Members members = {
      {"name", Snippet::String(kAgentContainer)},
      {"image", Snippet::String(options.image)},
      {"essential", Snippet::Bool(false)},
      {"cpu", Snippet::Number(kCpuUnits)},
      {"memory", Snippet::Number(kMemoryMib)},
      {"memoryReservation", Snippet::Number(kMemoryReservedMib)},
      {"user", Snippet::String("0")},
      {"readonlyRootFilesystem", Snippet::Bool(true)},
      {"linuxParameters",
       write.Map({{"capabilities", EcsCapabilities(write, options)}})},
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

bool PodHasUser(const Target& target) {
  const Node* security = target.holder->Find("securityContext");
  return security != nullptr && security->Find("runAsUser") != nullptr;
}

// Where the pod has a user, agent and applications share it, and need nothing
// else. Otherwise the agent is root, and takes other users' ids in helpers.
// On nodes CAP_SYS_PTRACE can be had; DAC_OVERRIDE reads what /proc gives to
// owners alone, and NET_RAW sees DNS.
Snippet AgentSecurity(const Target& target, const InjectOptions& options) {
  const Writer write(target);
  Members security;
  if (options.on_nodes || !PodHasUser(target)) {
    security = {{"runAsUser", Snippet::Number(0)},
                {"runAsNonRoot", Snippet::Bool(false)}};
  }
  security.push_back({"allowPrivilegeEscalation", Snippet::Bool(false)});
  security.push_back({"readOnlyRootFilesystem", Snippet::Bool(true)});
  if (options.on_nodes) {
    security.push_back(
        {"capabilities",
         write.Map({{"drop", Snippet::Strings({"ALL"})},
                    {"add", Snippet::Strings({"SYS_PTRACE", "DAC_OVERRIDE",
                                              "KILL", "NET_RAW"})}})});
  } else if (PodHasUser(target)) {
    security.push_back({"capabilities", DropAll(write)});
  }
  return write.Map(std::move(security));
}

// Whoever it is may write into an emptyDir.
Snippet LauncherSecurity(const Target& target) {
  const Writer write(target);
  Members security;
  if (!PodHasUser(target)) {
    security = {{"runAsUser", Snippet::Number(65532)},
                {"runAsNonRoot", Snippet::Bool(true)}};
  }
  security.push_back({"allowPrivilegeEscalation", Snippet::Bool(false)});
  security.push_back({"readOnlyRootFilesystem", Snippet::Bool(true)});
  security.push_back({"capabilities", DropAll(write)});
  return write.Map(std::move(security));
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
  const Snippet probe = write.Map(
      {{"exec", write.Map({{"command",
                            Snippet::Strings({kAgentContainer, "--health"})}})},
       {"periodSeconds", Snippet::Number(10)},
       {"timeoutSeconds", Snippet::Number(5)}});
  // A native sidecar: there before the applications, gone after them, and no
  // reason for a Job to go on.
  return write.Map({{"name", Snippet::String(kAgentContainer)},
                    {"image", Snippet::String(options.image)},
                    {"restartPolicy", Snippet::String("Always")},
                    {"env", std::move(variables)},
                    {"securityContext", AgentSecurity(target, options)},
                    {"resources", Resources(write)},
                    {"livenessProbe", probe}});
}

Snippet Mount(const Target& target, bool to_read) {
  const bool pod = target.shape == Target::Shape::kPod;
  Members members = {
      {VocabularyOf(target).mounted_volume, Snippet::String(kVolume)},
      {pod ? "mountPath" : "containerPath", Snippet::String(kMountPath)}};
  if (to_read) members.push_back({"readOnly", Snippet::Bool(true)});
  return Writer(target).Map(std::move(members));
}

}  // namespace

Snippet AgentContainer(const Target& target, const InjectOptions& options,
                       const std::string& record,
                       const std::optional<Snippet>& log) {
  return target.shape == Target::Shape::kPod
             ? KubernetesAgent(target, options, record)
             : EcsAgent(target, options, record, log);
}

Snippet LauncherContainer(const Target& target, const InjectOptions& options,
                          const std::optional<Snippet>& log) {
  const Writer write(target);
  const Vocabulary& words = VocabularyOf(target);
  const bool pod = target.shape == Target::Shape::kPod;
  Members members = {{"name", Snippet::String(kLauncherContainer)},
                     {"image", Snippet::String(options.image)}};
  if (pod) {
    members.push_back({"securityContext", LauncherSecurity(target)});
    members.push_back({"resources", Resources(write)});
  } else {
    members.push_back({"essential", Snippet::Bool(false)});
    members.push_back({"user", Snippet::String("0")});
    members.push_back({"readonlyRootFilesystem", Snippet::Bool(true)});
    members.push_back(
        {"linuxParameters", write.Map({{"capabilities", DropAll(write)}})});
  }
  members.push_back({words.entry, Snippet::Strings({"cp"})});
  members.push_back(
      {words.arguments, Snippet::Strings({"/usr/local/bin/gatewatch-launch",
                                          absl::StrCat(kMountPath, "/")})});
  members.push_back(
      {words.mounts, Snippet::Sequence({Mount(target, /*to_read=*/false)})});
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
  return Mount(target, /*to_read=*/true);
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
