// Runs a command under one rung of capture, in the form that has no agent
// around it: what is observed is thrown away.
//
//   observe_with ptrace|ebpf COMMAND [ARGUMENT…]

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "probes/bpf/bpf_probe.h"
#include "probes/observation.h"
#include "probes/ptrace/ptrace_probe.h"

namespace {

using gatewatch::probes::BpfProbe;
using gatewatch::probes::ObservationQueue;
using gatewatch::probes::Probe;
using gatewatch::probes::PtraceProbe;

constexpr absl::Duration kTake = absl::Milliseconds(5);

// Ticks and takes as the agent does.
void Drain(Probe& probe, ObservationQueue& queue,
           const std::atomic<bool>& done) {
  while (!done) {
    probe.Tick();
    queue.Take(kTake);
  }
  probe.Stop();
}

int Fail(const absl::Status& status) {
  fprintf(stderr, "observe_with: %s\n", std::string(status.message()).c_str());
  return 1;
}

int WithPtrace(char** command, ObservationQueue& queue) {
  std::vector<std::string> words;
  for (char** word = command; *word != nullptr; ++word) words.push_back(*word);
  auto probe = PtraceProbe::Launch({words, {0, 1, 2}}, queue);
  if (!probe.ok()) return Fail(probe.status());
  while (!(*probe)->finished()) {
    (*probe)->Tick();
    queue.Take(kTake);
  }
  return 0;
}

int WithBpf(char** command, ObservationQueue& queue) {
  int ready[2];
  if (pipe(ready) != 0) return 1;
  const pid_t child = fork();
  if (child == 0) {
    char go;
    if (read(ready[0], &go, 1) != 1) _exit(1);
    execvp(command[0], command);
    _exit(127);
  }
  auto probe = BpfProbe::Start({.root_pid = child}, queue);
  if (!probe.ok()) return Fail(probe.status());
  std::atomic<bool> done = false;
  std::thread drain([&] { Drain(**probe, queue, done); });
  int status = write(ready[1], "+", 1) == 1 ? 0 : 1;
  waitpid(child, &status, 0);
  done = true;
  drain.join();
  return WEXITSTATUS(status);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  ObservationQueue queue(100'000);
  return strcmp(argv[1], "ptrace") == 0 ? WithPtrace(argv + 2, queue)
                                        : WithBpf(argv + 2, queue);
}
