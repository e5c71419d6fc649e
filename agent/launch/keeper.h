#ifndef GATEWATCH_AGENT_LAUNCH_KEEPER_H_
#define GATEWATCH_AGENT_LAUNCH_KEEPER_H_

#include "agent/launch/handover.h"
#include "probes/seccomp/notify_fd.h"

namespace gatewatch::agent {

// Keeps a listener for as long as a process is under its filter, because
// every filtered call of a workload whose last listener closes fails with
// ENOSYS, for ever.
//
// Hands the listener to the agent when there is one. When there is none, or
// it dies, or answers nothing for a fifth of a second while calls wait,
// answers every call itself, counts them, and goes on looking for one. A call
// that the agent had received and not answered is answered too, by the id in
// the shared slot.
//
// A process of its own; allocates nothing once it runs, and needs no
// privilege. On kernels before 5.9, which do not tell that a filter has no
// users, it stays for ever.
class Keeper {
 public:
  // Takes copies of nothing: both descriptors and the slot must stay valid.
  // `agent_socket` is the agent's abstract socket name.
  Keeper(const probes::NotifyFd& listener, int slot_memory,
         probes::NotifySlot& slot, const char* agent_socket);

  // Returns when no process is under the filter any more.
  void Run();

 private:
  void TryHandOver();
  void AwaitFirstAnswer();
  void OnAgentSocket();
  void AnswerOne();
  void WatchTheAgent();
  void CountUnobserved(int syscall, uint64_t calls);
  void TellTheRest();
  void CloseAgent();
  void BecomeUnattended();
  void BecomeAttended();

  const probes::NotifyFd& listener_;
  const int slot_memory_;
  probes::NotifySlot& slot_;
  const char* const agent_socket_;
  UniqueFd agent_;
  bool attended_ = false;
  // While attended: how many calls the agent had handled when last looked, and
  // how often in a row it was no more while calls waited.
  uint64_t last_handled_ = 0;
  int looks_without_progress_ = 0;
  Handover unobserved_;          // what is to be told of
  Handover told_;                // what a handover not yet taken tells of
  probes::NotifySlot own_slot_;  // an agent may be using the shared one
};

}  // namespace gatewatch::agent

#endif  // GATEWATCH_AGENT_LAUNCH_KEEPER_H_
