#include <cstddef>
#include <cstdint>
#include <string>

#include "base/status.h"
#include "gatewatch/v1/event.pb.h"
#include "proto/json.h"

// What is read as a record is written so that it reads back to the same
// JSON; what is refused leaves nothing behind.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gatewatch::v1::EventRecord record;
  const absl::Status status =
      gatewatch::FromJson({reinterpret_cast<const char*>(data), size}, record);
  if (!status.ok()) {
    GATEWATCH_CHECK(record.ByteSizeLong() == 0);
    return 0;
  }
  const std::string json = gatewatch::ToJson(record);
  gatewatch::v1::EventRecord again;
  GATEWATCH_CHECK(gatewatch::FromJson(json, again).ok());
  GATEWATCH_CHECK(gatewatch::ToJson(again) == json);
  return 0;
}
