#include "probes/seccomp/payload.h"

#if defined(__x86_64__)

// payload_stage.cc; the linker names the ends of its section.
extern "C" const char __start_gatewatch_payload_stage[],
    __stop_gatewatch_payload_stage[], gatewatch_payload_stage_start[];

namespace gatewatch::probes {

PayloadStage GetPayloadStage() {
  const auto offset = [](const char* symbol) {
    return static_cast<size_t>(symbol - __start_gatewatch_payload_stage);
  };
  return {
      {__start_gatewatch_payload_stage, offset(__stop_gatewatch_payload_stage)},
      offset(gatewatch_payload_stage_start)};
}

}  // namespace gatewatch::probes

#else

namespace gatewatch::probes {

PayloadStage GetPayloadStage() { return {}; }

}  // namespace gatewatch::probes

#endif
