#include "agent/lasting_knowledge.h"

#include <fcntl.h>

namespace gatewatch::agent {
namespace {

struct AddsTo {
  bool operator()(const probes::ProcessStarted&) const { return true; }
  bool operator()(const probes::ProcessExeced&) const { return true; }
  bool operator()(const probes::CredentialsChanged&) const { return true; }
  bool operator()(const probes::ProcessExited&) const { return true; }
  bool operator()(const probes::MemoryFileCreated&) const { return true; }
  bool operator()(const probes::DnsMessage&) const { return true; }
  bool operator()(const probes::FileOpened& opened) const {
    return OpensForWriting(opened);
  }
  bool operator()(const probes::FileChanged& changed) const {
    return changed.operation == probes::FileOperation::kRename ||
           changed.operation == probes::FileOperation::kLink;
  }
  template <typename Other>
  bool operator()(const Other&) const {
    return false;
  }
};

}  // namespace

bool OpensForWriting(const probes::FileOpened& opened) {
  return opened.creates || (opened.flags & (O_ACCMODE | O_TRUNC)) != O_RDONLY;
}

bool AddsToKnowledge(const probes::Observation& observation) {
  return std::visit(AddsTo{}, observation.detail);
}

}  // namespace gatewatch::agent
