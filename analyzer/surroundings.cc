#include "analyzer/surroundings.h"

#include <utility>

#include "analyzer/report.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

constexpr size_t kMaxKeptBytes = 32 << 20;

absl::Status Malformed() {
  return absl::DataLossError("a stored message cannot be read");
}

template <typename T>
absl::Status Parse(absl::string_view bytes, T& message) {
  if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::OkStatus();
  }
  return Malformed();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Surroundings>> Surroundings::Open(
    Database& database) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement source,
      database.Prepare("SELECT agent_id, epoch, workload, checksum FROM sources"
                       " WHERE id = ?"));
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement process,
      database.Prepare("SELECT source, key, revision, parent_key, body,"
                       "  checksum FROM processes"
                       " WHERE key = ? AND revision = ? AND source = ?"));
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement container,
      database.Prepare("SELECT source, id, body, checksum FROM containers"
                       " WHERE source = ? AND id = ?"));
  return std::unique_ptr<Surroundings>(new Surroundings(
      std::move(source), std::move(process), std::move(container)));
}

Surroundings::Surroundings(Statement source, Statement process,
                           Statement container)
    : source_(std::move(source)),
      process_(std::move(process)),
      container_(std::move(container)) {}

absl::StatusOr<const Surroundings::Source*> Surroundings::SourceOf(
    int64_t source) {
  std::unique_ptr<const Source>& kept = sources_[source];
  if (kept != nullptr) return kept.get();
  GATEWATCH_ASSIGN_OR_RETURN(const bool row, source_.Bind(source).Step());
  if (!row) return absl::DataLossError("an event's source is missing");
  GATEWATCH_RETURN_IF_ERROR(source_.Verify(3));
  auto found = std::make_unique<Source>();
  found->agent_id = std::string(source_.Bytes(0));
  found->epoch = source_.Unsigned(1);
  GATEWATCH_RETURN_IF_ERROR(Parse(source_.Bytes(2), found->workload));
  source_.Rewind();
  kept = std::move(found);
  return kept.get();
}

absl::StatusOr<const v1::Process*> Surroundings::FindProcess(
    int64_t source, const v1::ProcessRef& ref) {
  StateKey key(source, ref.key(), ref.revision());
  const auto kept = processes_.find(key);
  if (kept != processes_.end()) return kept->second.get();
  GATEWATCH_ASSIGN_OR_RETURN(
      const bool row,
      process_.Bind(ref.key(), uint64_t{ref.revision()}, source).Step());
  if (!row) return nullptr;
  GATEWATCH_RETURN_IF_ERROR(process_.Verify(5));
  const size_t bytes = process_.Bytes(4).size();
  auto process = std::make_unique<v1::Process>();
  GATEWATCH_RETURN_IF_ERROR(Parse(process_.Bytes(4), *process));
  process_.Rewind();
  const v1::Process* const found = process.get();
  if (kept_bytes_ + bytes <= kMaxKeptBytes) {
    kept_bytes_ += bytes;
    processes_.emplace(std::move(key), std::move(process));
  } else {
    borrowed_.push_back(std::move(process));
  }
  return found;
}

absl::StatusOr<const v1::Container*> Surroundings::FindContainer(
    int64_t source, const std::string& id) {
  GATEWATCH_ASSIGN_OR_RETURN(const bool row,
                             container_.Bind(source, id).Step());
  if (!row) return nullptr;
  GATEWATCH_RETURN_IF_ERROR(container_.Verify(3));
  auto container = std::make_unique<v1::Container>();
  GATEWATCH_RETURN_IF_ERROR(Parse(container_.Bytes(2), *container));
  container_.Rewind();
  const v1::Container* const found = container.get();
  borrowed_.push_back(std::move(container));
  return found;
}

absl::StatusOr<detection::EventView> Surroundings::OfOrigin(
    int64_t source, const std::string& container_id) {
  borrowed_.clear();
  detection::EventView view;
  GATEWATCH_ASSIGN_OR_RETURN(const Source* from, SourceOf(source));
  view.workload = &from->workload;
  view.agent_id = from->agent_id;
  if (!container_id.empty()) {
    GATEWATCH_ASSIGN_OR_RETURN(view.container,
                               FindContainer(source, container_id));
  }
  return view;
}

absl::StatusOr<detection::EventView> Surroundings::Of(int64_t source,
                                                      const v1::Event& event) {
  GATEWATCH_ASSIGN_OR_RETURN(detection::EventView view, OfOrigin(source, ""));
  ancestors_.clear();
  view.event = &event;
  if (event.has_process()) {
    GATEWATCH_ASSIGN_OR_RETURN(view.process,
                               FindProcess(source, event.process()));
  }
  const std::string& container =
      view.process ? view.process->container_id() : event.container_id();
  if (!container.empty()) {
    GATEWATCH_ASSIGN_OR_RETURN(view.container,
                               FindContainer(source, container));
  }
  if (view.process == nullptr) return view;
  const v1::Process* child = view.process;
  while (child->has_parent() && ancestors_.size() < kMaxAncestors) {
    GATEWATCH_ASSIGN_OR_RETURN(const v1::Process* parent,
                               FindProcess(source, child->parent()));
    if (parent == nullptr) break;
    ancestors_.push_back(parent);
    child = parent;
  }
  view.ancestors = ancestors_;
  return view;
}

}  // namespace gatewatch::analyzer
