#ifndef GATEWATCH_DETECTION_LIST_FILE_H_
#define GATEWATCH_DETECTION_LIST_FILE_H_

#include <string>
#include <vector>

#include "detection/rule_file.h"

namespace gatewatch::detection {

// A list that a user keeps in a file of its own: one value a line; empty lines
// and lines that begin with # do not count. Its values replace those that rule
// files gave the list of that name, and have to be of the same kind: where all
// of these are addresses or address blocks, domains or SHA-256 hashes, so must
// be all of the file's. Domains and hashes may be written in capitals.
//
// Call it when all rule files are read. What is wrong is appended to `errors`
// as "FILE:LINE: what"; nothing is taken from a file with an error.
void ReadListFile(const RuleSource& source, Definitions& definitions,
                  std::vector<std::string>& errors);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_LIST_FILE_H_
