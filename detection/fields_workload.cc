// container.*, k8s.*, ecs.*, host.*, agent.*: where it happened.

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "detection/field.h"

namespace gatewatch::detection {
namespace {

using v1::Container;
using v1::Workload;

constexpr size_t kShortId = 12;  // as Docker and Falco show it

void Text(absl::string_view text, Values& values) {
  if (!text.empty()) values.push_back(TextValue(text));
}

// Text that the event holds.
void Borrow(absl::string_view text, Values& values) {
  if (!text.empty()) values.push_back(BorrowedText(text));
}

void Id(const EventView& view, const FieldArgument&, Values& values) {
  if (view.container == nullptr) return;
  Borrow(absl::string_view(view.container->id()).substr(0, kShortId), values);
}

void Name(const EventView& view, const FieldArgument&, Values& values) {
  if (view.container != nullptr) Borrow(view.container->name(), values);
}

void Image(const EventView& view, const FieldArgument&, Values& values) {
  if (view.container != nullptr) Borrow(view.container->image(), values);
}

// A colon before the last slash is a port's, not a tag's.
size_t TagColon(absl::string_view image) {
  const size_t slash = image.rfind('/');
  const size_t colon = image.rfind(':');
  if (colon == image.npos) return image.npos;
  return slash != image.npos && colon < slash ? image.npos : colon;
}

absl::string_view WithoutDigest(absl::string_view image) {
  return image.substr(0, image.find('@'));
}

void Repository(const EventView& view, const FieldArgument&, Values& values) {
  if (view.container == nullptr) return;
  const absl::string_view image = WithoutDigest(view.container->image());
  Text(image.substr(0, TagColon(image)), values);
}

void Tag(const EventView& view, const FieldArgument&, Values& values) {
  if (view.container == nullptr) return;
  const absl::string_view image = WithoutDigest(view.container->image());
  const size_t colon = TagColon(image);
  if (colon != image.npos) Text(image.substr(colon + 1), values);
}

void Digest(const EventView& view, const FieldArgument&, Values& values) {
  if (view.container != nullptr) Text(view.container->image_digest(), values);
}

void StartTime(const EventView& view, const FieldArgument&, Values& values) {
  if (view.container == nullptr || view.container->start_time_ns() == 0) {
    return;
  }
  values.push_back(
      NumberValue(static_cast<int64_t>(view.container->start_time_ns())));
}

void Duration(const EventView& view, const FieldArgument&, Values& values) {
  if (view.container == nullptr || view.container->start_time_ns() == 0) {
    return;
  }
  values.push_back(NumberValue(static_cast<int64_t>(
      view.event->time_ns() - view.container->start_time_ns())));
}

void FullId(const EventView& view, const FieldArgument&, Values& values) {
  if (view.container != nullptr) Text(view.container->id(), values);
}

// Fargate runs no privileged container; elsewhere nobody tells.
void IsPrivileged(const EventView& view, const FieldArgument&, Values& values) {
  if (view.container == nullptr || view.workload == nullptr ||
      view.workload->launch_type() != "FARGATE") {
    return;
  }
  values.push_back(BoolValue(false));
}

// What Falco gives for a mount that a container does not have. Absent would
// make rules of the form "not … in (<NA>)" true for every container.
void NoMount(const EventView& view, const FieldArgument&, Values& values) {
  if (view.container != nullptr) Text("<NA>", values);
}

void ServiceAccount(const EventView& view, const FieldArgument&,
                    Values& values) {
  if (view.workload != nullptr) Text(view.workload->service_account(), values);
}

using Part = const std::string& (Workload::*)() const;

template <Part kPart>
void OfWorkload(const EventView& view, const FieldArgument&, Values& values) {
  if (view.workload != nullptr) Text((view.workload->*kPart)(), values);
}

void AgentId(const EventView& view, const FieldArgument&, Values& values) {
  Borrow(view.agent_id, values);
}

// "agent_died" of REASON_AGENT_DIED.
void LossReason(const EventView& view, const FieldArgument&, Values& values) {
  if (!view.event->has_loss()) return;
  const std::string& name = v1::Loss::Reason_Name(view.event->loss().reason());
  Text(absl::AsciiStrToLower(absl::StripPrefix(name, "REASON_")), values);
}

using enum ValueType;
constexpr ArgumentKind kPath = ArgumentKind::kText;

constexpr FieldRow kFields[] = {
    {"container.id", kText, Id, "first 12 digits of the id"},
    {"container.name", kText, Name, "the container's name"},
    {"container.image", kText, Image, "image as deployed"},
    {"container.image.repository", kText, Repository, "image without tag"},
    {"container.image.tag", kText, Tag, "its tag"},
    {"container.image.digest", kText, Digest, "sha256:…"},
    {"container.start_ts", kNumber, StartTime, "its start, Unix ns"},
    {"container.full_id", kText, FullId, "the whole id"},
    {"container.duration", kNumber, Duration, "nanoseconds since its start"},
    {"container.privileged", kBool, IsPrivileged,
     "false on Fargate; not known elsewhere"},
    {"container.mount", kText, NoMount, "mounts are not seen: <NA>", kPath},
    {"container.mount.source", kText, NoMount, "the same", kPath},
    {"container.mount.dest", kText, NoMount, "the same", kPath},
    {"container.mount.mode", kText, NoMount, "the same", kPath},
    {"container.mount.rdwr", kText, NoMount, "the same", kPath},
    {"container.mount.propagation", kText, NoMount, "the same", kPath},
    {"k8s.sa.name", kText, ServiceAccount, "the pod's service account"},
    {"k8s.pod.name", kText, OfWorkload<&Workload::pod>, "the pod"},
    {"k8s.ns.name", kText, OfWorkload<&Workload::namespace_>, "its namespace"},
    {"ecs.task.arn", kText, OfWorkload<&Workload::task_arn>, "the task"},
    {"ecs.task.family", kText, OfWorkload<&Workload::task_family>,
     "its task definition"},
    {"ecs.task.revision", kText, OfWorkload<&Workload::task_revision>,
     "and that's revision"},
    {"ecs.cluster", kText, OfWorkload<&Workload::cluster>, "the cluster"},
    {"ecs.service", kText, OfWorkload<&Workload::service>, "the service"},
    {"host.name", kText, OfWorkload<&Workload::host_name>, "the host"},
    {"agent.id", kText, AgentId, "the agent that sent the event"},
    {"agent.loss", kText, LossReason,
     "why events are missing: agent_died, buffer_full, throttled …"},
};

}  // namespace

absl::Span<const FieldRow> WorkloadFields() { return kFields; }

}  // namespace gatewatch::detection
