#include <array>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "iac/checks/capabilities.h"
#include "iac/checks/checks.h"
#include "iac/checks/each.h"

namespace gatewatch::iac {
namespace {

// What Kubernetes' baseline Pod Security Standard lets be added.
constexpr std::array<absl::string_view, 13> kHarmless = {
    "AUDIT_WRITE", "CHOWN",   "DAC_OVERRIDE", "FOWNER",
    "FSETID",      "KILL",    "MKNOD",        "SETFCAP",
    "SETGID",      "SETPCAP", "SETUID",       "NET_BIND_SERVICE",
    "SYS_CHROOT"};

// What our own sidecar may need, by the rung that it captures with.
constexpr std::array<absl::string_view, 7> kAgents = {
    "SYS_PTRACE", "BPF",    "PERFMON",     "SYS_ADMIN",
    "NET_RAW",    "SYSLOG", "SYS_RESOURCE"};

bool IsRoot(const std::string& user) {
  const std::vector<absl::string_view> parts = absl::StrSplit(user, ':');
  return parts[0] == "0" || parts[0] == "root" ||
         absl::EqualsIgnoreCase(parts[0], "ContainerAdministrator");
}

// Why a capability is not for this container; empty when it is.
std::string WhyNot(const Workload& workload, const Container& container,
                   const std::string& name) {
  const bool fargate = workload.fargate.Is(true);
  const bool kubernetes = workload.platform == Workload::Platform::kKubernetes;
  if (fargate && kubernetes) {
    return "EKS does not schedule a pod on Fargate that adds a capability";
  }
  if (fargate && name != "SYS_PTRACE") {
    return "Fargate lets SYS_PTRACE alone be added, and does not register this";
  }
  if (container.is_agent && absl::c_linear_search(kAgents, name)) return "";
  if (absl::c_linear_search(kHarmless, name)) return "";
  return name == "SYS_PTRACE"
             ? "it may read and change the memory of every process it sees"
             : "it is more than a container needs to do its work";
}

// A profile or an option that switches a protection off.
void AddUnconfined(const Container& container, const Text& text,
                   absl::string_view what, Report& report) {
  if (text.unknown()) {
    report.AddUnknown(container.subject, text.place, what);
  } else if (text.known() && absl::EqualsIgnoreCase(text.value, "unconfined")) {
    report.Add(container.subject, text.place,
               absl::StrCat(what, " is Unconfined"));
  }
}

}  // namespace

void CheckPrivileged(const Model& model, Report& report) {
  EachContainer(model, [&](const Workload&, const Container& container) {
    const Flag& flag = container.privileged;
    if (flag.Is(true)) {
      report.Add(container.subject, flag.place, "runs privileged");
    } else if (flag.unknown()) {
      report.AddUnknown(container.subject, flag.place,
                        "whether it runs privileged");
    }
  });
}

void CheckUser(const Model& model, Report& report) {
  EachContainer(
      model, [&](const Workload& workload, const Container& container) {
        if (container.is_agent || container.is_log_router || workload.windows) {
          return;
        }
        const Text& user = container.user;
        if (user.unknown()) {
          report.AddUnknown(container.subject, user.place, "the user");
        } else if (user.known() && IsRoot(user.value)) {
          report.Add(container.subject, user.place, "runs as root");
        } else if (container.run_as_non_root.unknown()) {
          report.AddUnknown(container.subject, container.run_as_non_root.place,
                            "whether it may run as root");
        } else if ((user.absent() || user.value.empty()) &&
                   !container.run_as_non_root.Is(true)) {
          report.Add(container.subject, container.place,
                     "names no user, and so runs as the image's, which is root "
                     "unless the image says otherwise");
        }
      });
}

void CheckAddedCapabilities(const Model& model, Report& report) {
  EachContainer(
      model, [&](const Workload& workload, const Container& container) {
        const TextList& added = container.added;
        if (HoldsUnknown(added)) {
          report.AddUnknown(container.subject, added.place,
                            "which capabilities it adds");
        }
        for (const Text& text : added.value) {
          if (!text.known()) continue;
          const std::string name = CapabilityName(text.value);
          const std::string why = WhyNot(workload, container, name);
          if (why.empty()) continue;
          report.Add(container.subject, text.place,
                     absl::StrCat("adds the capability ", name, ": ", why));
        }
      });
}

void CheckDroppedCapabilities(const Model& model, Report& report) {
  EachContainer(model,
                [&](const Workload& workload, const Container& container) {
                  if (container.is_agent || workload.windows) return;
                  const TextList& dropped = container.dropped;
                  if (NamesCapability(dropped, "NET_RAW")) return;
                  if (HoldsUnknown(dropped)) {
                    report.AddUnknown(container.subject, dropped.place,
                                      "which capabilities it drops");
                  } else {
                    report.Add(container.subject, dropped.place,
                               "drops neither ALL capabilities nor NET_RAW");
                  }
                });
}

void CheckConfinement(const Model& model, Report& report) {
  EachContainer(model, [&](const Workload& workload,
                           const Container& container) {
    for (const Text& option : container.security_options.value) {
      const std::string lower = absl::AsciiStrToLower(option.value);
      if (absl::EndsWith(lower, "unconfined") || lower == "label:disable" ||
          lower == "label=disable") {
        report.Add(container.subject, option.place,
                   absl::StrCat("switches a protection off: ", option.value));
      }
    }
    if (HoldsUnknown(container.security_options)) {
      report.AddUnknown(container.subject, container.security_options.place,
                        "which security options it has");
    }
    AddUnconfined(container, container.seccomp, "the seccomp profile", report);
    AddUnconfined(container, container.apparmor, "the AppArmor profile",
                  report);
    if (workload.platform == Workload::Platform::kKubernetes &&
        container.seccomp.absent() && !workload.windows) {
      report.Add(container.subject, container.place,
                 "has no seccomp profile: Kubernetes then runs it Unconfined "
                 "unless the node says otherwise");
    }
  });
}

void CheckEscalation(const Model& model, Report& report) {
  EachContainer(
      model, [&](const Workload& workload, const Container& container) {
        const Flag& flag = container.allow_escalation;
        if (workload.windows || flag.Is(false)) return;
        if (flag.unknown()) {
          report.AddUnknown(container.subject, flag.place,
                            "whether it may gain privileges");
          return;
        }
        report.Add(container.subject, flag.place,
                   flag.absent()
                       ? "may gain privileges, which is Kubernetes' default"
                       : "may gain privileges");
      });
}

}  // namespace gatewatch::iac
