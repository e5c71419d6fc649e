#ifndef GATEWATCH_CLI_RENDER_EVENT_H_
#define GATEWATCH_CLI_RENDER_EVENT_H_

#include <string>

#include "gatewatch/v1/event.pb.h"

namespace gatewatch::cli {

// All text that these return is escaped for a terminal and fits on one line.

// What the event was done to: a path, an address, a command line.
std::string DescribeObject(const v1::EventRecord& record);

// "ok", "failed EACCES", or nothing when it is not known.
std::string DescribeOutcome(const v1::Outcome& outcome);

// Time, process, kind, object, outcome.
std::string EventLine(const v1::EventRecord& record);

}  // namespace gatewatch::cli

#endif  // GATEWATCH_CLI_RENDER_EVENT_H_
