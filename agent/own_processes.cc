#include "agent/own_processes.h"

#include <algorithm>

namespace gatewatch::agent {

OwnProcesses::Own OwnProcesses::OwnOf(const probes::ProcessSnapshot& process) {
  return {process.id, process.executable.inode, process.executable.device};
}

void OwnProcesses::Add(const probes::ProcessSnapshot& process) {
  // Of what cannot be read, nothing would tell another program.
  if (process.executable.inode != 0) processes_.push_back(OwnOf(process));
}

bool OwnProcesses::Contains(const probes::ProcessSnapshot& process) const {
  return std::find(processes_.begin(), processes_.end(), OwnOf(process)) !=
         processes_.end();
}

}  // namespace gatewatch::agent
