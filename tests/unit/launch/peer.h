#ifndef GATEWATCH_TESTS_UNIT_LAUNCH_PEER_H_
#define GATEWATCH_TESTS_UNIT_LAUNCH_PEER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/unique_fd.h"

namespace gatewatch::testing {

// What a launcher brings to an agent, and what one that lies brings instead.

// A real listener, of a filter that lets every call pass: its thread is over
// before this returns. Not valid where seccomp does not permit it.
UniqueFd RealListener();

// Memory as big as a NotifySlot that cannot shrink.
UniqueFd SlotMemory();
UniqueFd SlotMemory(size_t size, unsigned seals);

// Sends a message with any bytes and any descriptors.
void SendMessage(int socket, absl::string_view bytes,
                 const std::vector<int>& descriptors);

// An abstract socket name that no other test run uses.
std::string UniqueName();

// How many descriptors this process has open.
size_t OpenDescriptors();

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_UNIT_LAUNCH_PEER_H_
