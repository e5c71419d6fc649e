#ifndef GATEWATCH_AGENT_ENRICHER_H_
#define GATEWATCH_AGENT_ENRICHER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "agent/container_identity.h"
#include "agent/enriched_event.h"
#include "agent/executable_hash.h"
#include "agent/name_cache.h"
#include "agent/own_processes.h"
#include "agent/process_tree.h"
#include "agent/redaction.h"
#include "agent/user_names.h"
#include "agent/writer_map.h"
#include "gatewatch/v1/event.pb.h"
#include "probes/observation.h"

namespace gatewatch::agent {

// Turns what was observed into what is sent: the one place that knows both.
// Adds who the process is, its lineage, container and user, where its program
// came from; takes secrets out; bounds sizes.
//
// Threads: one.
class Enricher {
 public:
  struct Options {
    ProcessTree::Options tree;
    std::string redaction_salt;  // see Redactor
    // Files changed later than this are drift, in containers whose own start
    // is not known. Unix nanoseconds.
    uint64_t started_ns = 0;
    // DNS of processes of which nothing else was observed makes no event.
    bool only_known_dns = false;
    std::string proc_root = "/proc";
    OwnProcesses own;
    // Whether the process that has this pid now is the agent's own, keepers
    // included. Null: none is.
    std::function<bool(pid_t)> is_own;
  };

  // `identity` must outlive it.
  Enricher(Options options, ContainerIdentity& identity);

  // Nothing when the observation makes no event of its own.
  std::optional<EnrichedEvent> Enrich(const probes::Observation& observation);

  // The container of a process; empty when either is not known.
  std::string ContainerOf(const probes::ProcessId& process);

  const ProcessTree& tree() const { return tree_; }

 private:
  using Observation = probes::Observation;

  // One for each detail: fills `out`; false for no event.
  bool Apply(const Observation& from, const probes::ProcessStarted& detail,
             EnrichedEvent& out);
  bool Apply(const Observation& from, const probes::ProcessExeced& detail,
             EnrichedEvent& out);
  bool Apply(const Observation& from, const probes::CredentialsChanged& detail,
             EnrichedEvent& out);
  bool Apply(const Observation& from, const probes::ProcessExited& detail,
             EnrichedEvent& out);
  bool Apply(const Observation& from,
             const probes::CredentialsRequested& detail, EnrichedEvent& out);
  bool Apply(const Observation& from, const probes::ProcessAccessed& detail,
             EnrichedEvent& out);
  bool Apply(const Observation& from, const probes::SignalSent& detail,
             EnrichedEvent& out);
  bool Apply(const Observation& from, const probes::NamespaceChanged& detail,
             EnrichedEvent& out);
  bool Apply(const Observation& from, const probes::MountChanged& detail,
             EnrichedEvent& out);
  bool Apply(const Observation& from, const probes::KernelInterfaceUsed& detail,
             EnrichedEvent& out);
  bool Apply(const Observation& from,
             const probes::MemoryMadeExecutable& detail, EnrichedEvent& out);
  bool Apply(const Observation& from, const probes::MemoryFileCreated& detail,
             EnrichedEvent& out);
  bool Apply(const Observation& from,
             const probes::DescriptorDuplicated& detail, EnrichedEvent& out);
  bool Apply(const Observation& from, const probes::FileOpened& detail,
             EnrichedEvent& out);
  bool Apply(const Observation& from, const probes::FileChanged& detail,
             EnrichedEvent& out);
  bool Apply(const Observation& from, const probes::SocketCalled& detail,
             EnrichedEvent& out);
  bool Apply(const Observation& from, const probes::DnsMessage& detail,
             EnrichedEvent& out);
  bool Apply(const Observation& from, const probes::ObservationsLost& detail,
             EnrichedEvent& out);

  // The process's present state; made up of its id alone when its start was
  // never seen.
  LineagePtr Present(const probes::ProcessId& id);
  // As Present(), for what may come without an actor: null then.
  LineagePtr PresentIfAny(const probes::ProcessId& id);
  // A null actor leaves the event without one.
  void SetActor(const LineagePtr& actor, EnrichedEvent& out);
  // Where it happened, for an event without an actor.
  void SetPlace(const probes::ProcessId& place, EnrichedEvent& out);
  // The name that the remote address was resolved from.
  void AddName(uint64_t time_ns, v1::Socket& socket) const;
  // Names the process `pid` in `message`'s target when it is known.
  template <typename Message>
  void SetTarget(pid_t pid, Message& message, EnrichedEvent& out);
  // With the hash of its program, when that is known or, `reads` the file,
  // can be had.
  v1::Process Describe(const probes::ProcessSnapshot& snapshot, bool reads);
  void AddOrigin(uint64_t mount_namespace, const v1::Container& container,
                 v1::Executable& executable);
  void RecordWriter(const Lineage& writer, const std::string& path);
  // A file that gets another name keeps its writer; whoever gives the name
  // counts when none is known.
  void CarryWriter(const Lineage& actor, const std::string& from,
                   const std::string& to);

  const Options options_;
  ContainerIdentity& identity_;
  const Redactor redactor_;
  ProcessTree tree_;
  UserNames user_names_;
  ExecutableHash hashes_;
  WriterMap writers_;
  NameCache names_;
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_ENRICHER_H_
