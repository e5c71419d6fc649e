#include "analyzer/process_tree.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "analyzer/partition.h"
#include "analyzer/sqlite.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

constexpr size_t kMaxNodes = 10'000;
constexpr size_t kMaxBytes = 3 << 20;
// Real ancestries are short; a forged one may be a ring.
constexpr size_t kMaxDepth = 64;

// What all partitions together know of a process.
struct Node {
  v1::Process process;
  std::string parent_key;
  std::map<std::string, uint64_t> counts;
  v1::ProcessExit exit;
  uint64_t exit_time_ns = 0;
  std::vector<std::string> children;
};
using Nodes = absl::flat_hash_map<std::string, Node>;

// Reads one partition's part of the tree.
class PartitionReader {
 public:
  static absl::StatusOr<std::unique_ptr<PartitionReader>> Open(
      const Partition& partition);

  // Adds the process to `nodes`; false: the partition does not know it.
  absl::StatusOr<bool> Read(const std::string& key, Nodes& nodes);
  absl::StatusOr<std::vector<std::string>> ChildrenOf(const std::string& key);

 private:
  explicit PartitionReader(Database database)
      : database_(std::move(database)) {}
  absl::StatusOr<std::optional<v1::Process>> ReadState(const std::string& key);
  absl::Status ReadCounts(const std::string& key, Node& node);
  absl::Status ReadExit(const std::string& key, Node& node);

  enum Sql : size_t { kState, kCounts, kExit, kChildren };
  Database database_;
  std::vector<Statement> statements_;  // end before their database
};

constexpr const char* kSql[] = {
    ("SELECT source, key, revision, parent_key, body, checksum FROM processes"
     " WHERE key = ? ORDER BY revision DESC LIMIT 1"),
    "SELECT kind, COUNT(*) FROM events WHERE process_key = ? GROUP BY kind",
    ("SELECT source, sequence, time, kind, process_key, body, checksum"
     " FROM events WHERE process_key = ? AND kind = 'exit' ORDER BY"
     " time DESC LIMIT 1"),
    "SELECT DISTINCT key FROM processes WHERE parent_key = ? AND key != ?",
};

absl::StatusOr<std::unique_ptr<PartitionReader>> PartitionReader::Open(
    const Partition& partition) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Database database, OpenForReading(partition.path(), kPartitionSchema));
  std::unique_ptr<PartitionReader> reader(
      new PartitionReader(std::move(database)));
  for (const char* sql : kSql) {
    GATEWATCH_ASSIGN_OR_RETURN(Statement statement,
                               reader->database_.Prepare(sql));
    reader->statements_.push_back(std::move(statement));
  }
  return reader;
}

template <typename T>
absl::Status Parse(absl::string_view bytes, T& message) {
  if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::OkStatus();
  }
  return absl::DataLossError("a stored message cannot be read");
}

absl::StatusOr<std::optional<v1::Process>> PartitionReader::ReadState(
    const std::string& key) {
  Statement& state = statements_[kState];
  GATEWATCH_ASSIGN_OR_RETURN(const bool row, state.Bind(key).Step());
  if (!row) return std::nullopt;
  GATEWATCH_RETURN_IF_ERROR(state.Verify(5));
  v1::Process process;
  GATEWATCH_RETURN_IF_ERROR(Parse(state.Bytes(4), process));
  state.Rewind();
  return std::make_optional(std::move(process));
}

absl::Status PartitionReader::ReadCounts(const std::string& key, Node& node) {
  Statement& counts = statements_[kCounts].Bind(key);
  while (true) {
    GATEWATCH_ASSIGN_OR_RETURN(const bool row, counts.Step());
    if (!row) return absl::OkStatus();
    node.counts[std::string(counts.Bytes(0))] += counts.Unsigned(1);
  }
}

absl::Status PartitionReader::ReadExit(const std::string& key, Node& node) {
  Statement& exit = statements_[kExit];
  GATEWATCH_ASSIGN_OR_RETURN(const bool row, exit.Bind(key).Step());
  if (!row) return absl::OkStatus();
  GATEWATCH_RETURN_IF_ERROR(exit.Verify(6));
  v1::Event event;
  GATEWATCH_RETURN_IF_ERROR(Parse(exit.Bytes(5), event));
  node.exit = event.process_exit();
  node.exit_time_ns = exit.Unsigned(2);
  exit.Rewind();
  return absl::OkStatus();
}

absl::StatusOr<bool> PartitionReader::Read(const std::string& key,
                                           Nodes& nodes) {
  GATEWATCH_ASSIGN_OR_RETURN(std::optional<v1::Process> process,
                             ReadState(key));
  if (!process.has_value()) return false;
  Node& node = nodes[key];
  node.process = *std::move(process);
  GATEWATCH_RETURN_IF_ERROR(ReadCounts(key, node));
  if (node.counts.contains("exit")) {
    GATEWATCH_RETURN_IF_ERROR(ReadExit(key, node));
  }
  return true;
}

absl::StatusOr<std::vector<std::string>> PartitionReader::ChildrenOf(
    const std::string& key) {
  Statement& children = statements_[kChildren].Bind(key, key);
  std::vector<std::string> keys;
  while (true) {
    GATEWATCH_ASSIGN_OR_RETURN(const bool row, children.Step());
    // One more than fits tells that there were more.
    if (!row || keys.size() > kMaxNodes) return keys;
    keys.emplace_back(children.Bytes(0));
  }
}

// Puts together what the partitions know, oldest first.
class TreeBuilder {
 public:
  explicit TreeBuilder(const std::string& root) : root_(root) {}

  absl::Status Add(PartitionReader& reader) {
    GATEWATCH_ASSIGN_OR_RETURN(const bool found, reader.Read(root_, nodes_));
    if (!found) return absl::OkStatus();
    GATEWATCH_RETURN_IF_ERROR(AddAncestors(reader));
    return AddDescendants(reader);
  }

  bool found() const { return nodes_.contains(root_); }
  // Whether the first ancestor has a parent that has not been looked for in
  // all partitions; AddLacking() does so.
  bool LacksAncestor() const;
  absl::Status AddLacking(PartitionReader& reader) {
    return reader.Read(LackingKey(), nodes_).status();
  }
  // Makes it an ancestor; false: no partition has it.
  bool TakeLacking();
  absl::StatusOr<v1::GetProcessTreeResponse> Answer(const AlertStore& alerts);

 private:
  const Node& FirstAncestor() const {
    return nodes_.at(ancestors_.empty() ? root_ : ancestors_.back());
  }
  std::string LackingKey() const {
    return FirstAncestor().process.parent().key();
  }
  absl::Status AddAncestors(PartitionReader& reader);
  absl::Status AddDescendants(PartitionReader& reader);
  // False: there is no room for it.
  absl::StatusOr<bool> AddChild(PartitionReader& reader,
                                const std::string& parent,
                                const std::string& child);
  // Each process after its parent, children by age.
  std::vector<std::string> Order();
  v1::ProcessNode NodeOf(const std::string& key,
                         const AlertStore::IdsByProcess& alert_ids);

  const std::string root_;
  Nodes nodes_;
  std::vector<std::string> ancestors_;  // parent first
  bool truncated_ = false;
  size_t bytes_ = 0;
};

absl::Status TreeBuilder::AddAncestors(PartitionReader& reader) {
  std::vector<std::string> chain;
  absl::flat_hash_set<std::string> seen = {root_};
  std::string child = root_;
  while (chain.size() < kMaxDepth) {
    const std::string parent = nodes_[child].process.parent().key();
    if (parent.empty() || !seen.insert(parent).second) break;
    GATEWATCH_ASSIGN_OR_RETURN(const bool found, reader.Read(parent, nodes_));
    // An earlier partition may know it.
    if (!found && !nodes_.contains(parent)) break;
    nodes_[child].parent_key = parent;
    chain.push_back(parent);
    child = parent;
  }
  if (chain.size() >= ancestors_.size()) ancestors_ = std::move(chain);
  return absl::OkStatus();
}

bool TreeBuilder::LacksAncestor() const {
  const std::string key = LackingKey();
  return !key.empty() && !nodes_.contains(key) && ancestors_.size() < kMaxDepth;
}

bool TreeBuilder::TakeLacking() {
  const std::string key = LackingKey();
  if (!nodes_.contains(key)) return false;
  nodes_[ancestors_.empty() ? root_ : ancestors_.back()].parent_key = key;
  ancestors_.push_back(key);
  return true;
}

absl::StatusOr<bool> TreeBuilder::AddChild(PartitionReader& reader,
                                           const std::string& parent,
                                           const std::string& child) {
  const bool is_new = !nodes_.contains(child);
  if (is_new && (nodes_.size() >= kMaxNodes || bytes_ > kMaxBytes)) {
    return false;
  }
  GATEWATCH_RETURN_IF_ERROR(reader.Read(child, nodes_).status());
  Node& node = nodes_[child];
  if (is_new) bytes_ += node.process.ByteSizeLong();
  if (node.parent_key.empty()) {
    node.parent_key = parent;
    nodes_[parent].children.push_back(child);
  }
  return true;
}

absl::Status TreeBuilder::AddDescendants(PartitionReader& reader) {
  absl::flat_hash_set<std::string> seen(ancestors_.begin(), ancestors_.end());
  seen.insert(root_);
  std::vector<std::string> open = {root_};
  while (!open.empty()) {
    const std::string parent = std::move(open.back());
    open.pop_back();
    GATEWATCH_ASSIGN_OR_RETURN(std::vector<std::string> children,
                               reader.ChildrenOf(parent));
    // Those that an earlier partition knows may have children here.
    const auto& known = nodes_[parent].children;
    children.insert(children.end(), known.begin(), known.end());
    for (const std::string& child : children) {
      if (!seen.insert(child).second) continue;
      GATEWATCH_ASSIGN_OR_RETURN(const bool fits,
                                 AddChild(reader, parent, child));
      truncated_ = truncated_ || !fits;
      if (fits) open.push_back(child);
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> TreeBuilder::Order() {
  std::vector<std::string> order(ancestors_.rbegin(), ancestors_.rend());
  // What one partition has as a descendant may be an ancestor in another,
  // when a peer says so.
  absl::flat_hash_set<std::string> placed(order.begin(), order.end());
  std::vector<std::string> open = {root_};
  while (!open.empty()) {
    std::string key = std::move(open.back());
    open.pop_back();
    if (!placed.insert(key).second) continue;
    std::vector<std::string>& children = nodes_[key].children;
    // The oldest is taken first, from the end of `open`.
    std::sort(children.begin(), children.end(),
              [this](const std::string& a, const std::string& b) {
                return nodes_[a].process.start_time_ns() >
                       nodes_[b].process.start_time_ns();
              });
    open.insert(open.end(), children.begin(), children.end());
    order.push_back(std::move(key));
  }
  return order;
}

v1::ProcessNode TreeBuilder::NodeOf(const std::string& key,
                                    const AlertStore::IdsByProcess& alert_ids) {
  Node& from = nodes_[key];
  v1::ProcessNode node;
  *node.mutable_process() = std::move(from.process);
  node.set_parent_key(from.parent_key);
  for (const auto& [kind, count] : from.counts) {
    v1::ProcessNode::Count& counted = *node.add_counts();
    counted.set_kind(kind);
    counted.set_count(count);
  }
  const auto ids = alert_ids.find(key);
  if (ids != alert_ids.end()) {
    for (const std::string& id : ids->second) node.add_alert_ids(id);
  }
  if (from.exit_time_ns != 0) {
    *node.mutable_exit() = from.exit;
    node.set_exit_time_ns(from.exit_time_ns);
  }
  return node;
}

absl::StatusOr<v1::GetProcessTreeResponse> TreeBuilder::Answer(
    const AlertStore& alerts) {
  const std::vector<std::string> order = Order();
  GATEWATCH_ASSIGN_OR_RETURN(const AlertStore::IdsByProcess alert_ids,
                             alerts.IdsOf(order));
  v1::GetProcessTreeResponse answer;
  size_t bytes = 0;
  for (const std::string& key : order) {
    v1::ProcessNode node = NodeOf(key, alert_ids);
    bytes += node.ByteSizeLong();
    truncated_ = truncated_ || bytes > kMaxBytes;
    // An answer with nothing in it would help nobody.
    if (bytes > kMaxBytes && answer.nodes_size() > 0) break;
    *answer.add_nodes() = std::move(node);
  }
  answer.set_truncated(truncated_);
  return answer;
}

// Shows a reader of each partition to `read`, oldest first. What is found
// damaged is left out.
absl::Status ForEachPartition(
    EventStore& events,
    absl::FunctionRef<absl::Status(PartitionReader& reader)> read) {
  for (const auto& partition : events.partitions()) {
    auto reader = PartitionReader::Open(*partition);
    const absl::Status status = reader.ok() ? read(**reader) : reader.status();
    if (absl::IsDataLoss(status)) {
      partition->SetAsDamaged(status);
      continue;
    }
    GATEWATCH_RETURN_IF_ERROR(status);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::GetProcessTreeResponse> FindProcessTree(
    EventStore& events, const AlertStore& alerts, const std::string& key) {
  TreeBuilder builder(key);
  GATEWATCH_RETURN_IF_ERROR(ForEachPartition(
      events, [&](PartitionReader& reader) { return builder.Add(reader); }));
  if (!builder.found()) {
    return absl::NotFoundError(absl::StrCat("no process ", key));
  }
  // An ancestor may be known only where the process itself is not.
  while (builder.LacksAncestor()) {
    GATEWATCH_RETURN_IF_ERROR(ForEachPartition(
        events,
        [&](PartitionReader& reader) { return builder.AddLacking(reader); }));
    if (!builder.TakeLacking()) break;
  }
  return builder.Answer(alerts);
}

}  // namespace gatewatch::analyzer
