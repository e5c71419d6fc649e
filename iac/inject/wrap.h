#ifndef GATEWATCH_IAC_INJECT_WRAP_H_
#define GATEWATCH_IAC_INJECT_WRAP_H_

#include <vector>

#include "absl/status/statusor.h"
#include "iac/edit/editor.h"
#include "iac/edit/snippet.h"
#include "iac/inject/options.h"
#include "iac/inject/target.h"

namespace gatewatch::iac {

// Makes a container's command start through the launcher: edits its entry
// point where it has one. Returns the keys that it needs besides.
//
// Whoever overrides an image's entry point loses the image's command as well,
// so where neither is given, both are written out from the image.
// FAILED_PRECONDITION, with what to do, when that is not known.
absl::StatusOr<std::vector<Snippet::Member>> Wrap(const Target& target,
                                                  const Node& container,
                                                  const InjectOptions& options,
                                                  Editor& editor);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_INJECT_WRAP_H_
