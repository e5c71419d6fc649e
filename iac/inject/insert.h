#ifndef GATEWATCH_IAC_INJECT_INSERT_H_
#define GATEWATCH_IAC_INJECT_INSERT_H_

#include "absl/status/status.h"
#include "iac/edit/editor.h"
#include "iac/inject/choice.h"
#include "iac/inject/findings.h"
#include "iac/inject/options.h"
#include "iac/inject/target.h"

namespace gatewatch::iac {

// Collects in `editor` the edits that put the agent into one target, which has
// none, and says each in `findings`.
absl::Status Insert(const SourceFile& file, const Target& target,
                    const Choice& choice, const InjectOptions& options,
                    Editor& editor, Findings& findings);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_INJECT_INSERT_H_
