#include "iac/model/kubernetes_pod.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace gatewatch::iac {
namespace {

// What a container's security context says, and where that says nothing, the
// pod's.
Value Inherited(const Value& container, const Value& pod,
                absl::string_view name) {
  const Value own = container.Get("securityContext").Get(name);
  if (!own.absent()) return own;
  const Value inherited = pod.Get("securityContext").Get(name);
  return inherited.absent() ? own : inherited;
}

// The beta annotation that AppArmor had before the field.
Text AppArmor(const Value& metadata, const Value& container, const Value& pod) {
  const Text type =
      Inherited(container, pod, "appArmorProfile").Get("type").AsText();
  if (!type.absent()) return type;
  const std::string name =
      absl::StrCat("container.apparmor.security.beta.kubernetes.io/",
                   container.Get("name").AsText().value);
  const Text annotation = metadata.Get("annotations").Get(name).AsText();
  return annotation.absent() ? type : annotation;
}

void ReadSecurity(const Value& metadata, const Value& value, const Value& pod,
                  Container& container) {
  const Value context = value.Get("securityContext");
  const Value capabilities = context.Get("capabilities");
  container.privileged = context.Get("privileged").AsFlag();
  container.readonly_root = context.Get("readOnlyRootFilesystem").AsFlag();
  container.allow_escalation = context.Get("allowPrivilegeEscalation").AsFlag();
  container.run_as_non_root = Inherited(value, pod, "runAsNonRoot").AsFlag();
  container.user = Inherited(value, pod, "runAsUser").AsText();
  container.added = capabilities.Get("add").AsTexts();
  container.dropped = capabilities.Get("drop").AsTexts();
  container.seccomp =
      Inherited(value, pod, "seccompProfile").Get("type").AsText();
  container.apparmor = AppArmor(metadata, value, pod);
  container.proc_mount = context.Get("procMount").AsText();
}

TextList Probe(const Value& container) {
  const Value probe =
      container.Get({"livenessProbe", "readinessProbe", "startupProbe"});
  TextList command = probe.Get("exec").Get("command").AsTexts();
  command.presence = probe.presence();
  return command;
}

void ReadLists(const Value& value, Container& container) {
  for (const Value& item : value.Get("env").Items()) {
    container.environment.push_back(
        {item.Get("name").AsText().value, item.Get("value").AsText()});
  }
  for (const Value& item : value.Get("volumeMounts").Items()) {
    container.mounts.push_back(
        {item.Get("name").AsText(), item.Get("mountPath").AsText()});
  }
  for (const Value& item : value.Get("ports").Items()) {
    container.ports.push_back({item.Get("containerPort").AsNumber(),
                               item.Get("hostPort").AsNumber()});
  }
}

Container ReadContainer(const Value& metadata, const Value& value,
                        const Value& pod, const Subject& subject) {
  Container container;
  const Text name = value.Get("name").AsText();
  container.subject = {subject.object, name.value.empty() ? "?" : name.value};
  container.place = value.place();
  container.image = value.Get("image").AsText();
  container.is_agent = IsAgent(name.value, container.image);
  container.entry_point = value.Get("command").AsTexts();
  container.command = value.Get("args").AsTexts();
  const Value limits = value.Get("resources").Get("limits");
  container.cpu = limits.Get("cpu").AsText();
  container.memory = limits.Get("memory").AsText();
  container.health_check = Probe(value);
  ReadSecurity(metadata, value, pod, container);
  ReadLists(value, container);
  return container;
}

void AddContainers(const Value& metadata, const Value& pod,
                   absl::string_view list, Container::Role role,
                   Workload& workload) {
  for (const Value& value : pod.Get(list).Items()) {
    Container container = ReadContainer(metadata, value, pod, workload.subject);
    container.role = role;
    // An init container that never ends is a sidecar.
    if (value.Get("restartPolicy").AsText().Is("Always")) {
      container.role = Container::Role::kSidecar;
    }
    workload.containers.push_back(std::move(container));
  }
}

// "host" or `otherwise` for a flag that is set.
Text Mode(const Flag& flag, absl::string_view name) {
  if (flag.Is(true)) return {Presence::kKnown, std::string(name), flag.place};
  return {flag.unknown() ? Presence::kUnknown : Presence::kAbsent, "",
          flag.place};
}

void ReadVolumes(const Value& pod, Workload& workload) {
  for (const Value& value : pod.Get("volumes").Items()) {
    Volume volume;
    volume.name = value.Get("name").AsText().value;
    volume.place = value.place();
    volume.host_path = value.Get("hostPath").Get("path").AsText();
    workload.volumes.push_back(std::move(volume));
  }
}

Flag OnFargate(const Value& metadata, const Value& pod) {
  const Value profile =
      metadata.Get("labels").Get("eks.amazonaws.com/fargate-profile");
  const Text compute =
      pod.Get("nodeSelector").Get("eks.amazonaws.com/compute-type").AsText();
  const Text scheduler = pod.Get("schedulerName").AsText();
  if (!profile.absent() || compute.Is("fargate") ||
      scheduler.Is("fargate-scheduler")) {
    return {Presence::kKnown, true, pod.place()};
  }
  return {Presence::kAbsent, false, pod.place()};
}

}  // namespace

void ReadPod(const Value& metadata, const Value& spec, Workload& workload) {
  workload.platform = Workload::Platform::kKubernetes;
  workload.fargate = OnFargate(metadata, spec);
  workload.windows = spec.Get("os").Get("name").AsText().Is("windows");
  workload.pid_mode = Mode(spec.Get("hostPID").AsFlag(), "host");
  if (workload.pid_mode.absent()) {
    workload.pid_mode =
        Mode(spec.Get("shareProcessNamespace").AsFlag(), "task");
  }
  workload.ipc_mode = Mode(spec.Get("hostIPC").AsFlag(), "host");
  workload.network_mode = Mode(spec.Get("hostNetwork").AsFlag(), "host");
  for (const Value& item : spec.Get("securityContext").Get("sysctls").Items()) {
    workload.sysctls.push_back(
        {item.Get("name").AsText().value, item.Get("value").AsText()});
  }
  workload.automount_token = spec.Get("automountServiceAccountToken").AsFlag();
  workload.service_account =
      spec.Get({"serviceAccountName", "serviceAccount"}).AsText();
  ReadVolumes(spec, workload);
  using Role = Container::Role;
  AddContainers(metadata, spec, "containers", Role::kMain, workload);
  AddContainers(metadata, spec, "initContainers", Role::kInit, workload);
  AddContainers(metadata, spec, "ephemeralContainers", Role::kEphemeral,
                workload);
}

}  // namespace gatewatch::iac
