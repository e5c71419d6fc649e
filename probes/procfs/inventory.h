#ifndef GATEWATCH_PROBES_PROCFS_INVENTORY_H_
#define GATEWATCH_PROBES_PROCFS_INVENTORY_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "probes/observation.h"

namespace gatewatch::probes {

// The pids of all processes that are visible, in no order.
std::vector<pid_t> ListPids(const std::string& proc_root = "/proc");

// The processes that run now, each after its parent where that runs too.
// Those that end while they are read are left out. `proc_root` is where
// procfs is mounted.
std::vector<ProcessSnapshot> TakeInventory(
    const std::string& proc_root = "/proc");

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PROCFS_INVENTORY_H_
