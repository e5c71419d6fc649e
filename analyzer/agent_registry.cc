#include "analyzer/agent_registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/store_file.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

const Schema kSchema = {.version = 1, .sql = R"sql(
  CREATE TABLE agents(
    agent_id TEXT NOT NULL PRIMARY KEY,
    ended INTEGER NOT NULL,
    body BLOB NOT NULL) WITHOUT ROWID;
)sql"};

// A loss whose size is not known counts as one, so that it shows.
uint64_t LostIn(const v1::Loss& loss) {
  uint64_t lost = 0;
  for (const v1::Loss::Count& count : loss.counts()) {
    lost += std::max<uint64_t>(count.count(), 1);
  }
  return std::max<uint64_t>(lost, 1);
}

void AddLoss(const v1::Loss& loss, v1::Agent& agent) {
  if (loss.reason() == v1::Loss::REASON_THROTTLED) {
    agent.set_throttled(agent.throttled() + LostIn(loss));
  } else {
    agent.set_lost(agent.lost() + LostIn(loss));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<AgentRegistry>> AgentRegistry::Open(
    const std::string& directory, std::function<uint64_t()> now) {
  // Written with every report: the sync is spared, see the header.
  GATEWATCH_ASSIGN_OR_RETURN(
      Database database,
      OpenOrReplace(absl::StrCat(directory, "/agents.db"), kSchema,
                    Database::Durability::kProcess));
  std::unique_ptr<AgentRegistry> registry(
      new AgentRegistry(std::move(database), std::move(now)));
  GATEWATCH_RETURN_IF_ERROR(registry->Load());
  return registry;
}

AgentRegistry::AgentRegistry(Database database, std::function<uint64_t()> now)
    : now_(std::move(now)), database_(std::move(database)) {}

absl::Status AgentRegistry::Load() {
  absl::MutexLock lock(&mutex_);
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement all, database_.Prepare("SELECT ended, body FROM agents"));
  while (true) {
    GATEWATCH_ASSIGN_OR_RETURN(const bool row, all.Step());
    if (!row) return absl::OkStatus();
    Entry entry;
    entry.ended = all.Integer(0) != 0;
    const absl::string_view body = all.Bytes(1);
    if (!entry.agent.ParseFromArray(body.data(),
                                    static_cast<int>(body.size()))) {
      return absl::DataLossError("a stored agent cannot be read");
    }
    entry.agent.set_connected(false);
    agents_.emplace(entry.agent.agent_id(), std::move(entry));
  }
}

absl::Status AgentRegistry::SaveHeard(Entry& entry) {
  entry.agent.set_last_seen_ns(now_());
  return Save(entry);
}

absl::Status AgentRegistry::Save(const Entry& entry) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement save,
      database_.Prepare("INSERT INTO agents VALUES(?, ?, ?) ON CONFLICT"
                        " DO UPDATE SET ended = excluded.ended,"
                        "  body = excluded.body"));
  return save
      .Bind(entry.agent.agent_id(), int64_t{entry.ended},
            Blob(entry.agent.SerializeAsString()))
      .Run();
}

std::optional<AgentRegistry::Life> AgentRegistry::LastLife(
    const std::string& agent_id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = agents_.find(agent_id);
  if (found == agents_.end()) return std::nullopt;
  const v1::Agent& agent = found->second.agent;
  const uint64_t event = agent.last_event_ns();
  return Life{agent.epoch(), agent.last_sequence(),
              event != 0 ? event : agent.last_seen_ns(), found->second.ended};
}

absl::Status AgentRegistry::Connect(const v1::Hello& hello,
                                    uint64_t last_sequence) {
  absl::MutexLock lock(&mutex_);
  if (agents_.size() >= kMaxAgents && !agents_.contains(hello.agent_id())) {
    return absl::ResourceExhaustedError(
        absl::StrCat("there are ", kMaxAgents, " agents already"));
  }
  Entry& entry = agents_[hello.agent_id()];
  v1::Agent& agent = entry.agent;
  if (agent.epoch() != hello.epoch()) {
    if (agent.epoch() != 0 && !entry.ended) {
      agent.set_unclean_ends(agent.unclean_ends() + 1);
    }
    entry.ended = false;
    agent.clear_counters();
  }
  agent.set_agent_id(hello.agent_id());
  agent.set_epoch(hello.epoch());
  agent.set_version(hello.version());
  *agent.mutable_workload() = hello.workload();
  *agent.mutable_coverage() = hello.coverage();
  agent.set_last_sequence(last_sequence);
  agent.set_connected(true);
  entry.silent_since_ns = 0;
  return SaveHeard(entry);
}

absl::Status AgentRegistry::NoteStored(const Report& report) {
  absl::MutexLock lock(&mutex_);
  Entry& entry = agents_[report.agent_id];
  v1::Agent& agent = entry.agent;
  for (int i = report.first; i < report.batch.events_size(); ++i) {
    const v1::Event& event = report.batch.events(i);
    if (event.has_loss()) AddLoss(event.loss(), agent);
    if (event.has_coverage()) *agent.mutable_coverage() = event.coverage();
    if (event.has_agent_stop()) entry.ended = true;
  }
  agent.set_last_sequence(report.last_sequence());
  agent.set_last_event_ns(
      report.batch.events(report.batch.events_size() - 1).time_ns());
  return SaveHeard(entry);
}

absl::Status AgentRegistry::NoteHeartbeat(const std::string& agent_id,
                                          const v1::Heartbeat& heartbeat) {
  absl::MutexLock lock(&mutex_);
  Entry& entry = agents_[agent_id];
  *entry.agent.mutable_counters() = heartbeat.counters();
  return SaveHeard(entry);
}

absl::Status AgentRegistry::NoteGoodbye(const std::string& agent_id) {
  absl::MutexLock lock(&mutex_);
  Entry& entry = agents_[agent_id];
  entry.ended = true;
  return SaveHeard(entry);
}

absl::Status AgentRegistry::NoteLost(const std::string& agent_id,
                                     uint64_t count) {
  absl::MutexLock lock(&mutex_);
  const auto found = agents_.find(agent_id);
  if (found == agents_.end()) return absl::OkStatus();
  v1::Agent& agent = found->second.agent;
  agent.set_lost(agent.lost() + std::max<uint64_t>(count, 1));
  return Save(found->second);
}

void AgentRegistry::Disconnect(const std::string& agent_id) {
  absl::MutexLock lock(&mutex_);
  Entry& entry = agents_[agent_id];
  entry.agent.set_connected(false);
  if (!entry.ended) entry.silent_since_ns = now_();
}

std::vector<v1::Agent> AgentRegistry::TakeSilent(absl::Duration patience) {
  const auto limit = static_cast<uint64_t>(absl::ToInt64Nanoseconds(patience));
  absl::MutexLock lock(&mutex_);
  std::vector<v1::Agent> silent;
  const uint64_t now = now_();
  for (auto& [id, entry] : agents_) {
    if (entry.silent_since_ns == 0 || now - entry.silent_since_ns < limit) {
      continue;
    }
    entry.silent_since_ns = 0;
    silent.push_back(entry.agent);
  }
  return silent;
}

std::vector<v1::Agent> AgentRegistry::List() const {
  absl::MutexLock lock(&mutex_);
  std::vector<v1::Agent> agents;
  for (const auto& [id, entry] : agents_) agents.push_back(entry.agent);
  return agents;
}

absl::Status AgentRegistry::Trim(absl::Duration retention) {
  const absl::Time now = absl::FromUnixNanos(static_cast<int64_t>(now_()));
  absl::MutexLock lock(&mutex_);
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement forget,
      database_.Prepare("DELETE FROM agents WHERE agent_id = ?"));
  for (auto i = agents_.begin(); i != agents_.end();) {
    const v1::Agent& agent = i->second.agent;
    const absl::Time seen =
        absl::FromUnixNanos(static_cast<int64_t>(agent.last_seen_ns()));
    if (agent.connected() || seen + retention > now) {
      ++i;
      continue;
    }
    GATEWATCH_RETURN_IF_ERROR(forget.Bind(i->first).Run());
    i = agents_.erase(i);
  }
  return absl::OkStatus();
}

}  // namespace gatewatch::analyzer
