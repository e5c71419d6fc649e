#ifndef GATEWATCH_ANALYZER_GRPC_STATUS_H_
#define GATEWATCH_ANALYZER_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace gatewatch::analyzer {

// The same status as gRPC's type; the two share their codes. For services'
// sources alone.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace gatewatch::analyzer

#endif  // GATEWATCH_ANALYZER_GRPC_STATUS_H_
