#include "iac/checks/checks.h"

namespace gatewatch::iac {
namespace {

using S = Severity;

constexpr Check kChecks[] = {
    {"GWL000", "suppression", S::kMedium, kTcpk,
     "A suppression without a reason, or of a check that there is not, is not "
     "granted: whoever reads it later could not tell whether it still holds.",
     "Say why behind the check's id, or take the suppression out.", "",
     CheckSuppressions},
    {"GWL001", "privileged-container", S::kCritical, kTcpk,
     "A privileged container has every capability and every device: whoever "
     "takes it over has the host.",
     "Take privileged out; add the one capability that is needed.",
     "ECS.4, CT.ECS.PR.11, CKV_K8S_16, CKV_AWS_334, KSV-0017, "
     "privileged-container",
     CheckPrivileged},
    {"GWL002", "writable-root-filesystem", S::kMedium, kTcpk,
     "An intruder can replace programs and leave tools behind where the "
     "image's files can be written to.",
     "Set readonlyRootFilesystem to true and mount a volume where the "
     "application writes.",
     "ECS.5, CT.ECS.PR.6, CKV_AWS_336, CKV_K8S_22, KSV-0014, "
     "no-read-only-root-fs",
     CheckRootFilesystem},
    {"GWL003", "runs-as-root", S::kMedium, kTcpk,
     "Root in the container may do all that its capabilities permit, and is "
     "root for the kernel as well.",
     "Name a user that is not 0: user in ECS; runAsNonRoot and runAsUser in "
     "Kubernetes.",
     "ECS.20, CT.ECS.PR.3, CKV_K8S_23, CKV_K8S_40, KSV-0012, KSV-0105, "
     "run-as-non-root",
     CheckUser},
    {"GWL004", "host-pid", S::kHigh, kTcpk,
     "The container sees, and as root may end or change, every process of the "
     "host.",
     "Take pidMode host or hostPID out.",
     "ECS.3, CT.ECS.PR.10, CKV_AWS_335, CKV_K8S_17, KSV-0010, host-pid",
     CheckHostPid},
    {"GWL005", "shared-pid-namespace", S::kLow, kTcpk,
     "Containers read each other's environment, secrets included, and files "
     "through /proc. That is the price of an agent, and too much without one.",
     "Take pidMode task or shareProcessNamespace out, or add the agent.", "",
     CheckSharedPid},
    {"GWL006", "host-namespace", S::kHigh, kTcpk,
     "In the host's network a container reaches what listens on its loopback "
     "and the instance's credentials; in its IPC namespace, others' memory.",
     "Use awsvpc; take ipcMode, networkMode host, hostIPC and hostNetwork out.",
     "ECS.17, CT.ECS.PR.4, CT.ECS.PR.8, CKV_K8S_18, CKV_K8S_19, KSV-0008, "
     "KSV-0009, host-ipc, host-network",
     CheckHostNamespaces},
    {"GWL007", "plaintext-secret", S::kCritical, kTcpk,
     "Whoever may describe a task definition, a stack or a pod reads it, and "
     "so "
     "does every process of the container.",
     "Keep it in Secrets Manager or SSM and name it in secrets (ECS) or by "
     "secretKeyRef (Kubernetes); change it, since it was written down.",
     "ECS.8, CT.ECS.PR.12, CKV_K8S_35, AWS-0036, KSV-0109, env-var-secret",
     CheckPlainSecrets},
    {"GWL008", "no-logging", S::kMedium, kTcp,
     "Without its output nobody can tell afterwards what happened; in blocking "
     "mode an application stands still when its log is not taken.",
     "Set logConfiguration, with the option mode: non-blocking.",
     "ECS.9, CT.ECS.PR.5", CheckLogging},
    {"GWL009", "efs-unprotected", S::kHigh, kTcp,
     "Files cross the network readable, or are given to whoever reaches the "
     "mount target.",
     "Set transitEncryption and authorizationConfig.iam to ENABLED.",
     "ECS.18, CKV_AWS_97, AWS-0035", CheckEfs},
    {"GWL010", "task-role", S::kHigh, kTcp,
     "What the application's role may do, an intruder may do. The execution "
     "role reads the secrets of the task and pulls its images.",
     "Give the task a role of its own with the few actions it needs.",
     "CKV_AWS_249, cfn-nag F3, F38, W11, W43", CheckRoles},
    {"GWL011", "mutable-image", S::kMedium, kTcpk,
     "What runs can be changed by whoever can push a tag, without a trace in "
     "this file.",
     "Name the image by its digest: IMAGE:TAG@sha256:….",
     "CKV_K8S_14, CKV_K8S_43, KSV-0013, latest-tag, ECR.2, CKV_AWS_51",
     CheckImagePinned},
    {"GWL012", "untrusted-registry", S::kLow, kTcpk,
     "A public registry may be out of reach, limit its rate, or hold what "
     "somebody else put there.",
     "Mirror the image into your ECR, or name the registry with "
     "--trusted-registry.",
     "KSV-0034, KSV-0035, KSV-0125", CheckRegistry},
    {"GWL013", "added-capability", S::kHigh, kTcpk,
     "A capability is a part of root's power; some are all of it. Fargate "
     "takes SYS_PTRACE alone on ECS, and none on EKS.",
     "Take it out of capabilities.add.",
     "CKV_K8S_25, CKV_K8S_39, KSV-0005, KSV-0022, KSV-0106, KSV-0119, KSV-0120",
     CheckAddedCapabilities},
    {"GWL014", "capabilities-not-dropped", S::kLow, kTcpk,
     "By default a container keeps fourteen capabilities, NET_RAW among them, "
     "which forges packets. Hardly any application uses one.",
     "Drop ALL, and add back what is missed.",
     "CKV_K8S_28, CKV_K8S_37, KSV-0003, KSV-0004, drop-net-raw-capability",
     CheckDroppedCapabilities},
    {"GWL015", "host-path", S::kHigh, kTcpk,
     "The host's files outlive the container and belong to everybody on it; "
     "its runtime's socket is root on the host.",
     "Use a volume of the task, EFS or a persistent volume.",
     "CKV_K8S_27, KSV-0006, KSV-0023, KSV-0121, docker-sock, "
     "sensitive-host-mounts",
     CheckHostPaths},
    {"GWL016", "unconfined", S::kMedium, kTcpk,
     "The seccomp and AppArmor profiles keep from the kernel what containers "
     "never need and exploits do.",
     "Take the option out; in Kubernetes set seccompProfile.type: "
     "RuntimeDefault.",
     "CKV_K8S_31, KSV-0002, KSV-0030, KSV-0104", CheckConfinement},
    {"GWL017", "privilege-escalation", S::kMedium, kK,
     "A setuid program in the image makes a user root again.",
     "Set allowPrivilegeEscalation to false.",
     "CKV_K8S_20, KSV-0001, privilege-escalation-container", CheckEscalation},
    {"GWL018", "kernel-settings", S::kMedium, kTcpk,
     "An unmasked /proc shows and changes the kernel's settings; some sysctls "
     "hold for the whole host.",
     "Take procMount out; set only sysctls that are the container's own.",
     "KSV-0026, KSV-0027, unsafe-proc-mount, unsafe-sysctls",
     CheckKernelSettings},
    {"GWL019", "no-limits", S::kLow, kTcpk,
     "A container that leaks, or mines, takes the memory and time of its "
     "neighbours.",
     "Set memory (ECS) or resources.limits (Kubernetes).",
     "CT.ECS.PR.7, CKV_K8S_10, CKV_K8S_11, CKV_K8S_12, CKV_K8S_13, KSV-0011, "
     "KSV-0015, KSV-0016, KSV-0018",
     CheckLimits},
    {"GWL020", "invalid-task", S::kError, kTcp,
     "ECS refuses to register this, or to run it on Fargate.",
     "Change what the message names.",
     "cfn-lint E3042, E3047, E3048, E3049, E3052, E3053, E3713", CheckFargate},
    {"GWL021", "no-health-check", S::kLow, kTcpk,
     "A process that hangs is not replaced, and dependencies on HEALTHY cannot "
     "be used.",
     "Add a healthCheck or probes.",
     "CKV_K8S_8, CKV_K8S_9, no-liveness-probe, no-readiness-probe",
     CheckHealth},
    {"GWL022", "invalid-dependency", S::kError, kTcp,
     "The task never starts, or ECS refuses to register it.",
     "Change the dependsOn that the message names.", "", CheckDependencies},
    {"GWL023", "public-address", S::kHigh, kC | kP,
     "Tasks can be reached from the internet past load balancers and "
     "firewalls, limited by their security group alone.",
     "Set assignPublicIp to DISABLED; use private subnets with endpoints or a "
     "NAT gateway.",
     "ECS.2, ECS.16, CT.ECS.PR.9, CKV_AWS_333", CheckPublicAddress},
    {"GWL024", "platform-version", S::kMedium, kC | kP,
     "Versions before 1.4.0 lack what an agent needs, and a fixed one misses "
     "what AWS mends.",
     "Take platformVersion out, or set it to LATEST.",
     "ECS.10, CT.ECS.PR.1, CKV_AWS_332", CheckPlatformVersion},
    {"GWL025", "exec-enabled", S::kMedium, kC | kP,
     "ECS Exec gives a root shell in a container to whoever has one IAM "
     "permission.",
     "Take enableExecuteCommand out; on the cluster set logging and kmsKeyId.",
     "CKV_AWS_223, CKV_AWS_224", CheckExec},
    {"GWL026", "no-container-insights", S::kLow, kC | kP,
     "Without measurements nobody sees what a task uses, mining included.",
     "Set containerInsights to enabled or enhanced.",
     "ECS.12, CT.ECS.PR.2, CKV_AWS_65, AWS-0034", CheckInsights},
    {"GWL027", "open-security-group", S::kMedium, kC | kP,
     "What is open to everybody is tried by everybody; what may call "
     "everywhere can send everything out.",
     "Let in the load balancer's group, and out what is needed.",
     "cfn-nag W2, W5, W9, W40, F1000", CheckSecurityGroups},
    {"GWL028", "hostile-command", S::kCritical, kTcpk,
     "A command that takes the role's credentials, or runs what it fetches, is "
     "how a task definition is abused.",
     "Put what it does into the image; find out who wrote it.",
     "sigma aws_ecs_task_definition_cred_endpoint_query", CheckCommands},
    {"GWL029", "service-account", S::kMedium, kK,
     "Whoever takes the pod over may use its token on the Kubernetes API.",
     "Set automountServiceAccountToken to false; bind narrow roles.",
     "CKV_K8S_38, CKV_K8S_41, KSV-0036, default-service-account",
     CheckServiceAccount},
    {"GWL030", "secret-scope", S::kLow, kTcp,
     "A role that may read all secrets gives them all away at once; a file in "
     "a bucket is changed by whoever may write there.",
     "Name the secrets by ARN; use secrets instead of environmentFiles.", "",
     CheckSecretScope},
    {"GWL031", "agent", S::kMedium, kTcpk,
     "Without the agent, or with one that cannot see, nothing is detected at "
     "run time.",
     "Run gatewatch inject, which adds and repairs it.", "", CheckAgent},
    {"GWL032", "eks-cluster", S::kHigh, kC | kP,
     "An API open to the internet is one leaked token away from everybody; "
     "without an audit log nobody can tell what was done with it.",
     "Set endpointPublicAccess to false or publicAccessCidrs to your ranges, "
     "encryptionConfig, and the log type audit.",
     "EKS.1, EKS.3, EKS.8, CKV_AWS_37, CKV_AWS_38, CKV_AWS_39, CKV_AWS_58, "
     "AWS-0038, AWS-0039, AWS-0040, AWS-0041, cfn-nag W82",
     CheckEksCluster},
};

}  // namespace

absl::Span<const Check> AllChecks() { return kChecks; }

}  // namespace gatewatch::iac
