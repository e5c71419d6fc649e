// What holds a task's namespaces: waits, and reaps whoever ends as an orphan.
#include <signal.h>
#include <sys/wait.h>

int main() {
  // So that the kernel keeps no zombies, even ones that nobody asks for.
  struct sigaction forget {};
  forget.sa_handler = SIG_DFL;
  forget.sa_flags = SA_NOCLDWAIT;
  sigaction(SIGCHLD, &forget, nullptr);
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  sigprocmask(SIG_BLOCK, &end, nullptr);
  int signal = 0;
  return sigwait(&end, &signal);
}
