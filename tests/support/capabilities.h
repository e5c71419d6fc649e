#ifndef GATEWATCH_TESTS_SUPPORT_CAPABILITIES_H_
#define GATEWATCH_TESTS_SUPPORT_CAPABILITIES_H_

#include <functional>

namespace gatewatch::testing {

// Gives up, for the calling thread and what it starts and executes, all
// capabilities but those that containers have by default. CAP_SYS_PTRACE is
// not among them: this is how an agent runs on EKS on Fargate. False: refused.
bool KeepContainerCapabilities();

// Runs `body` to its end in a thread that has no other capabilities. False:
// they could not be given up, and it was not run.
bool RunAsInContainer(const std::function<void()>& body);

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_SUPPORT_CAPABILITIES_H_
