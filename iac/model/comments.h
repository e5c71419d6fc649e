#ifndef GATEWATCH_IAC_MODEL_COMMENTS_H_
#define GATEWATCH_IAC_MODEL_COMMENTS_H_

#include <vector>

#include "iac/model/model.h"

namespace gatewatch::iac {

// YAML comments "# gatewatch:ignore GWL002,GWL003 reason". One behind a value
// is about what begins on its line; one on a line of its own, about what
// begins on the next line that has something: the whole list item, member or,
// before the first line of a mapping, mapping.
std::vector<Suppression> SuppressionsInComments(const SourceFile& file);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_COMMENTS_H_
