#include "analyzer/grpc_status.h"

#include <string>

#include "base/escape.h"

namespace gatewatch::analyzer {

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  // A message may quote what a peer has sent.
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      EscapeForTerminal(status.message()));
}

}  // namespace gatewatch::analyzer
