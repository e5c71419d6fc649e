#include "agent/process_tree.h"

#include <openssl/sha.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/base32.h"
#include "base/clock.h"

namespace gatewatch::agent {
namespace {

std::vector<std::shared_ptr<const v1::Process>> AncestorsOfChild(
    const Lineage& parent) {
  std::vector<std::shared_ptr<const v1::Process>> ancestors;
  const size_t inherited =
      std::min(parent.ancestors.size(), Lineage::kMaxAncestors - 1);
  ancestors.reserve(inherited + 1);
  ancestors.push_back(parent.process);
  ancestors.insert(ancestors.end(), parent.ancestors.begin(),
                   parent.ancestors.begin() + static_cast<long>(inherited));
  return ancestors;
}

}  // namespace

std::string ProcessKey(absl::string_view boot_id, uint64_t pid_namespace,
                       const probes::ProcessId& id) {
  const std::string identity = absl::StrCat(boot_id, "/", pid_namespace, "/",
                                            id.pid, "/", id.start_ticks);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(identity.data()),
         identity.size(), digest);
  uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) bits = bits << 8 | digest[i];
  return Base32(bits);
}

ProcessTree::ProcessTree(Options options) : options_(std::move(options)) {}

LineagePtr ProcessTree::Record(const probes::ProcessId& id,
                               const probes::ProcessId& parent,
                               v1::Process state, uint64_t mount_namespace) {
  Node& node = Enter(id, parent);
  state.set_key(ProcessKey(options_.boot_id, options_.pid_namespace, id));
  state.set_revision(NextRevision(node));
  state.set_pid(id.pid);
  state.set_start_time_ns(UnixNanosFromBootTicks(id.start_ticks));
  state.set_parent_pid(node.parent.pid);
  state.clear_parent();
  auto lineage = std::make_shared<Lineage>();
  lineage->mount_namespace = mount_namespace;
  if (const auto found = nodes_.find(node.parent);
      found != nodes_.end() && found->second.lineage && !(found->first == id)) {
    const Lineage& of_parent = *found->second.lineage;
    state.mutable_parent()->set_key(of_parent.process->key());
    state.mutable_parent()->set_revision(of_parent.process->revision());
    lineage->ancestors = AncestorsOfChild(of_parent);
  }
  lineage->process = std::make_shared<const v1::Process>(std::move(state));
  node.lineage = std::move(lineage);
  return node.lineage;
}

LineagePtr ProcessTree::Find(const probes::ProcessId& id) {
  const auto found = nodes_.find(id);
  if (found == nodes_.end()) return nullptr;
  Touch(found->second);
  return found->second.lineage;
}

LineagePtr ProcessTree::FindByPid(pid_t pid) {
  const auto found = by_pid_.find(pid);
  return found == by_pid_.end() ? nullptr : Find(found->second);
}

void ProcessTree::Exit(const probes::ProcessId& id) {
  const auto found = nodes_.find(id);
  if (found == nodes_.end() || found->second.exited) return;
  Node& node = found->second;
  node.exited = true;
  exited_.splice(exited_.end(), live_, node.place);
  if (const auto by_pid = by_pid_.find(id.pid);
      by_pid != by_pid_.end() && by_pid->second == id) {
    by_pid_.erase(by_pid);
  }
  if (exited_.size() > options_.exited_capacity) DropOldest(exited_);
}

// The node of `id`, made when it is missing, after room was made for it.
ProcessTree::Node& ProcessTree::Enter(const probes::ProcessId& id,
                                      const probes::ProcessId& parent) {
  if (const auto found = nodes_.find(id); found != nodes_.end()) {
    Touch(found->second);
    if (found->second.parent.pid == 0) found->second.parent = parent;
    return found->second;
  }
  if (live_.size() >= options_.live_capacity) DropOldest(live_);
  // The pid's last owner has ended, or the kernel would not have given it out
  // again; its exit was missed.
  if (const auto before = by_pid_.find(id.pid); before != by_pid_.end()) {
    const probes::ProcessId gone = before->second;
    Exit(gone);
  }
  by_pid_[id.pid] = id;
  Node& node = nodes_[id];
  node.parent = parent;
  node.place = live_.insert(live_.end(), id);
  return node;
}

void ProcessTree::Touch(Node& node) {
  if (!node.exited) live_.splice(live_.end(), live_, node.place);
}

void ProcessTree::DropOldest(Order& order) {
  const probes::ProcessId id = order.front();
  order.pop_front();
  const auto found = nodes_.find(id);
  if (!found->second.exited) {
    ++evicted_;
    by_pid_.erase(id.pid);
    evicted_revision_ =
        std::max(evicted_revision_, found->second.lineage->process->revision());
  }
  nodes_.erase(found);
}

uint32_t ProcessTree::NextRevision(const Node& node) {
  if (node.lineage != nullptr) return node.lineage->process->revision() + 1;
  return evicted_revision_ + 1;
}

}  // namespace gatewatch::agent
