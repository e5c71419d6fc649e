#include "agent/container_identity.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/backoff.h"
#include "agent/cgroup_path.h"
#include "agent/http_get.h"

namespace gatewatch::agent {
namespace {

constexpr absl::Duration kFetchTimeout = absl::Seconds(2);
constexpr size_t kMaxMetadata = 1 << 20;
constexpr absl::Duration kFirstWait = absl::Milliseconds(200);
constexpr absl::Duration kLongestWait = absl::Seconds(30);
// A container that never appears in the metadata must not cause a storm.
constexpr absl::Duration kRefreshPause = absl::Seconds(5);
constexpr size_t kMaxAgentId = 256;

IdentityOptions WithHostName(IdentityOptions options) {
  if (!options.host_name.empty()) return options;
  std::array<char, 256> name = {};
  if (::gethostname(name.data(), name.size() - 1) == 0) {
    options.host_name = name.data();
  }
  if (options.host_name.empty()) options.host_name = "localhost";
  return options;
}

v1::Workload WorkloadOf(const IdentityOptions& options) {
  v1::Workload workload;
  workload.set_region(options.region);
  workload.set_pod(options.pod_name);
  workload.set_namespace_(options.pod_namespace);
  workload.set_node(options.node_name);
  workload.set_service_account(options.service_account);
  workload.set_host_name(options.host_name);
  return workload;
}

std::string LastSegment(const std::string& uri) {
  return uri.substr(uri.rfind('/') + 1);
}

}  // namespace

ContainerIdentity::ContainerIdentity(IdentityOptions options)
    : options_(WithHostName(std::move(options))),
      workload_(WorkloadOf(options_)) {
  if (!options_.ecs_metadata_uri.empty()) {
    fetcher_ = std::thread([this] { FetchUntilStopped(); });
  }
}

ContainerIdentity::~ContainerIdentity() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (fetcher_.joinable()) fetcher_.join();
}

std::string ContainerIdentity::AgentId() const {
  std::string id = options_.host_name;
  if (!options_.pod_name.empty()) {
    id = absl::StrCat("pod/", options_.pod_namespace, "/", options_.pod_name);
  }
  // The address of the metadata ends in the task's and the container's id;
  // unlike what is found there it is known at once.
  if (!options_.ecs_metadata_uri.empty()) {
    id = absl::StrCat("ecs/", LastSegment(options_.ecs_metadata_uri));
  }
  return id.substr(0, kMaxAgentId);
}

std::string ContainerIdentity::ContainerOf(absl::string_view cgroup) {
  std::string id = ContainerIdFromCgroup(cgroup);
  if (id.empty()) return options_.host_name;
  absl::MutexLock lock(&mutex_);
  if (!containers_.contains(id)) wanted_ = true;
  return id;
}

v1::Container ContainerIdentity::Find(const std::string& id) const {
  absl::MutexLock lock(&mutex_);
  if (const auto found = containers_.find(id); found != containers_.end()) {
    return found->second;
  }
  v1::Container container;
  container.set_id(id);
  return container;
}

v1::Workload ContainerIdentity::workload() const {
  absl::MutexLock lock(&mutex_);
  return workload_;
}

uint64_t ContainerIdentity::version() const {
  absl::MutexLock lock(&mutex_);
  return version_;
}

void ContainerIdentity::AwaitFirstAnswer(absl::Duration patience) const {
  if (options_.ecs_metadata_uri.empty()) return;
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&answered_), patience);
}

void ContainerIdentity::FetchUntilStopped() {
  Backoff backoff(kFirstWait, kLongestWait, SystemRandom());
  while (SleepUntilWanted()) {
    if (FetchOnce()) {
      backoff.Reset();
      if (!Sleep(kRefreshPause)) return;
    } else if (!Sleep(backoff.Next())) {
      return;
    }
  }
}

bool ContainerIdentity::FetchOnce() {
  const auto answer = HttpGet(absl::StrCat(options_.ecs_metadata_uri, "/task"),
                              kFetchTimeout, kMaxMetadata);
  if (!answer.ok()) return false;
  auto metadata = ParseTaskMetadata(*answer);
  if (!metadata.ok()) return false;
  Adopt(*std::move(metadata));
  return true;
}

bool ContainerIdentity::Sleep(absl::Duration wait) {
  absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&stopping_), wait);
}

bool ContainerIdentity::SleepUntilWanted() {
  absl::MutexLock lock(&mutex_);
  const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return wanted_ || stopping_;
  };
  mutex_.Await(absl::Condition(&ready));
  return !stopping_;
}

void ContainerIdentity::Adopt(TaskMetadata metadata) {
  metadata.workload.set_host_name(options_.host_name);
  if (metadata.workload.region().empty()) {
    metadata.workload.set_region(options_.region);
  }
  absl::MutexLock lock(&mutex_);
  if (metadata.workload.SerializeAsString() != workload_.SerializeAsString()) {
    workload_ = std::move(metadata.workload);
    ++version_;
  }
  for (v1::Container& container : metadata.containers) {
    containers_[container.id()] = container;
  }
  answered_ = true;
  wanted_ = false;
}

}  // namespace gatewatch::agent
