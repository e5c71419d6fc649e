#ifndef GATEWATCH_ANALYZER_FILE_STAMP_H_
#define GATEWATCH_ANALYZER_FILE_STAMP_H_

#include <string>
#include <vector>

namespace gatewatch::analyzer {

// How files look without being read: size, inode and time of change of each,
// and of each file in a folder. Unequal when one has changed, come or gone.
// Links are followed, so that a mounted configuration map that points
// elsewhere has changed.
std::string FileStamp(const std::vector<std::string>& paths);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_FILE_STAMP_H_
