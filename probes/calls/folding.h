#ifndef GATEWATCH_PROBES_CALLS_FOLDING_H_
#define GATEWATCH_PROBES_CALLS_FOLDING_H_

#include <string>

#include "probes/syscalls/decoder.h"
#include "probes/syscalls/table.h"

namespace gatewatch::probes {

// Whether repeats of such a call are counted instead of observed: what a
// process does over and over on the same object.
bool IsFoldable(Action action);

// What a foldable call is made on, beside its registers.
std::string ObjectOf(const DecodedCall& call);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_CALLS_FOLDING_H_
