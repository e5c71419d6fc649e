#include "agent/task_metadata.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace gatewatch::agent {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxContainers = 64;
constexpr size_t kMaxText = 4096;

Json Parse(absl::string_view text) {
  return Json::parse(text.data(), text.data() + text.size(), nullptr,
                     /*allow_exceptions=*/false);
}

std::string Text(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return "";
  return found->get_ref<const std::string&>().substr(0, kMaxText);
}

uint64_t Time(const Json& object, const char* name) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, Text(object, name), &time, &error) ||
      time < absl::UnixEpoch()) {
    return 0;
  }
  return static_cast<uint64_t>(absl::ToUnixNanos(time));
}

v1::Container ReadContainer(const Json& object) {
  v1::Container container;
  container.set_id(Text(object, "DockerId"));
  container.set_name(Text(object, "Name"));
  container.set_image(Text(object, "Image"));
  container.set_image_digest(Text(object, "ImageID"));
  container.set_start_time_ns(Time(object, "StartedAt"));
  return container;
}

// arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID
std::string RegionOf(absl::string_view arn) {
  const std::vector<absl::string_view> parts = absl::StrSplit(arn, ':');
  return parts.size() > 3 ? std::string(parts[3]) : "";
}

}  // namespace

absl::StatusOr<TaskMetadata> ParseTaskMetadata(absl::string_view json) {
  const Json task = Parse(json);
  if (!task.is_object() || Text(task, "TaskARN").empty()) {
    return absl::InvalidArgumentError("not an answer of the task metadata v4");
  }
  TaskMetadata metadata;
  v1::Workload& workload = metadata.workload;
  workload.set_task_arn(Text(task, "TaskARN"));
  workload.set_task_family(Text(task, "Family"));
  workload.set_task_revision(Text(task, "Revision"));
  workload.set_cluster(Text(task, "Cluster"));
  workload.set_service(Text(task, "ServiceName"));
  workload.set_launch_type(Text(task, "LaunchType"));
  workload.set_region(RegionOf(workload.task_arn()));
  workload.set_availability_zone(Text(task, "AvailabilityZone"));
  const auto containers = task.find("Containers");
  if (containers == task.end() || !containers->is_array()) return metadata;
  for (const Json& container : *containers) {
    if (metadata.containers.size() >= kMaxContainers) break;
    if (!container.is_object() || Text(container, "DockerId").empty()) continue;
    metadata.containers.push_back(ReadContainer(container));
  }
  return metadata;
}

std::string ServiceAccountFromToken(absl::string_view token) {
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  std::string claims;
  if (parts.size() != 3 || !absl::WebSafeBase64Unescape(parts[1], &claims)) {
    return "";
  }
  const Json object = Parse(claims);
  if (!object.is_object()) return "";
  // system:serviceaccount:NAMESPACE:NAME
  const std::string subject = Text(object, "sub");
  const std::vector<absl::string_view> names = absl::StrSplit(subject, ':');
  if (names.size() != 4 || !absl::StartsWith(subject, "system:serviceaccount:"))
    return "";
  return std::string(names[3]);
}

}  // namespace gatewatch::agent
