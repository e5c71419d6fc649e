#ifndef GATEWATCH_TESTS_FUZZ_DETECTION_FUZZ_EVENT_H_
#define GATEWATCH_TESTS_FUZZ_DETECTION_FUZZ_EVENT_H_

#include "gatewatch/v1/event.pb.h"

namespace gatewatch::detection {

// A connection by a process with an ancestor, a container and a workload: most
// fields have a value in it. Lives as long as the program.
const v1::EventRecord& FuzzEvent();

}  // namespace gatewatch::detection

#endif  // GATEWATCH_TESTS_FUZZ_DETECTION_FUZZ_EVENT_H_
