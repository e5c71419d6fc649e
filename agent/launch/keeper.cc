#include "agent/launch/keeper.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"

namespace gatewatch::agent {
namespace {

constexpr int kRetryMilliseconds = 100;
// How often a keeper looks whether the agent gets on, and how many looks in a
// row must find calls waiting and none handled before it counts as hanging.
constexpr int kWatchMilliseconds = 100;
constexpr int kPatientLooks = 2;
// The first call of the workload waits this long for an agent that is there.
constexpr int kFirstAnswerMilliseconds = 200;

// Interrupts a wait for a call that was taken back between poll and receive,
// so that the search for an agent goes on.
void SetInterruptTimer(int milliseconds) {
  const timeval period{0, milliseconds * 1000};
  const itimerval timer{period, period};
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

void InstallInterrupt() {
  struct sigaction action {};
  action.sa_handler = [](int) {};  // no SA_RESTART: it has to interrupt
  ::sigaction(SIGALRM, &action, nullptr);
}

}  // namespace

Keeper::Keeper(const probes::NotifyFd& listener, int slot_memory,
               probes::NotifySlot& slot, const char* agent_socket)
    : listener_(listener),
      slot_memory_(slot_memory),
      slot_(slot),
      agent_socket_(agent_socket) {}

void Keeper::Run() {
  InstallInterrupt();
  BecomeUnattended();
  TryHandOver();
  AwaitFirstAnswer();
  while (true) {
    if (!agent_.valid()) TryHandOver();
    const auto calls = static_cast<short>(attended_ ? 0 : POLLIN);
    pollfd polls[] = {{listener_.get(), calls, 0}, {agent_.get(), POLLIN, 0}};
    const int ready =
        ::poll(polls, 2, attended_ ? kWatchMilliseconds : kRetryMilliseconds);
    if (ready == 0 && attended_) WatchTheAgent();
    if (ready <= 0) continue;
    if ((polls[0].revents & POLLHUP) != 0) return TellTheRest();
    if (polls[1].revents != 0) OnAgentSocket();
    if (!attended_ && (polls[0].revents & POLLIN) != 0) AnswerOne();
  }
}

void Keeper::TryHandOver() {
  agent_ = ConnectToAgent(agent_socket_);
  if (!agent_.valid()) return;
  unobserved_.absent_until_ns = UnixNanos();
  if (!SendHandover(agent_.get(), unobserved_, listener_.get(), slot_memory_)) {
    agent_.Reset();
    return;
  }
  told_ = unobserved_;
  unobserved_.count_entries = 0;
}

// An agent that went away before it took the handover told nobody.
void Keeper::CloseAgent() {
  agent_.Reset();
  for (uint32_t i = 0; i < told_.count_entries; ++i) {
    CountUnobserved(told_.counts[i].syscall, told_.counts[i].count);
  }
  told_.count_entries = 0;
}

// Also to an agent that has yet to read the handover: it will find this
// behind it.
void Keeper::TellTheRest() {
  if (!agent_.valid() || unobserved_.count_entries == 0) return;
  unobserved_.absent_until_ns = UnixNanos();
  SendAbsence(agent_.get(), unobserved_);
}

void Keeper::AwaitFirstAnswer() {
  if (!agent_.valid()) return;
  pollfd answer{agent_.get(), POLLIN, 0};
  if (::poll(&answer, 1, kFirstAnswerMilliseconds) == 1) OnAgentSocket();
}

void Keeper::OnAgentSocket() {
  char answer = 0;
  const ssize_t got = ::recv(agent_.get(), &answer, 1, MSG_DONTWAIT);
  if (got == 1 && answer == kHandoverTaken) {
    BecomeAttended();
  } else {
    CloseAgent();
    BecomeUnattended();
  }
}

void Keeper::BecomeAttended() {
  attended_ = true;
  looks_without_progress_ = 0;
  SetInterruptTimer(0);
  TellTheRest();
  unobserved_ = Handover();
  told_ = Handover();
}

void Keeper::BecomeUnattended() {
  attended_ = false;
  if (unobserved_.absent_since_ns == 0) {
    unobserved_.absent_since_ns = UnixNanos();
  }
  SetInterruptTimer(kRetryMilliseconds);
  // What the agent had received and not answered. Too late is no harm: an id
  // is used once.
  if (slot_.notification.id != 0) {
    listener_.Continue(slot_.notification.id).IgnoreError();
    CountUnobserved(slot_.notification.data.nr, 1);
    slot_.notification.id = 0;
  }
}

void Keeper::WatchTheAgent() {
  pollfd waiting{listener_.get(), POLLIN, 0};
  const bool calls_wait =
      slot_.notification.id != 0 || ::poll(&waiting, 1, 0) == 1;
  const uint64_t handled = slot_.handled.load();
  const bool progress = handled != last_handled_;
  last_handled_ = handled;
  looks_without_progress_ =
      calls_wait && !progress ? looks_without_progress_ + 1 : 0;
  if (looks_without_progress_ < kPatientLooks) return;
  // Should it go on later, it finds the connection closed and a new handover
  // waiting; an answer of its own that comes too late does no harm.
  CloseAgent();
  BecomeUnattended();
}

void Keeper::AnswerOne() {
  if (!listener_.Receive(own_slot_).ok()) return;
  if (listener_.Continue(own_slot_.notification.id).ok()) {
    CountUnobserved(own_slot_.notification.data.nr, 1);
  }
}

void Keeper::CountUnobserved(int syscall, uint64_t calls) {
  for (uint32_t i = 0; i < unobserved_.count_entries; ++i) {
    if (unobserved_.counts[i].syscall != syscall) continue;
    unobserved_.counts[i].count += calls;
    return;
  }
  if (unobserved_.count_entries == Handover::kCountLimit) return;
  unobserved_.counts[unobserved_.count_entries++] = {syscall, 0, calls};
}

}  // namespace gatewatch::agent
