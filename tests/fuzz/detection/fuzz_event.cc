#include "tests/fuzz/detection/fuzz_event.h"

#include "base/status.h"
#include "google/protobuf/text_format.h"

namespace gatewatch::detection {

const v1::EventRecord& FuzzEvent() {
  static const auto* const event = [] {
    auto* made = new v1::EventRecord();
    const bool read = google::protobuf::TextFormat::ParseFromString(
        R"(
          agent_id: "a"
          event {
            sequence: 9 time_ns: 3000000000 tid: 43 syscall: "connect"
            outcome { status: STATUS_FAILED error: 111 }
            socket_call {
              fd: 3
              socket {
                family: 2 type: 1
                local { ip: "\x0a\x00\x00\x05" port: 40000 }
                remote { ip: "\xa9\xfe\xaa\x02" port: 80 }
              }
            }
          }
          process {
            key: "K" pid: 42 name: "sh" arguments: "sh" arguments: "-c\xff"
            executable { path: "/bin/sh" } credentials { user_name: "root" }
          }
          ancestors { pid: 1 name: "init" arguments: "/sbin/init" }
          container { id: "0123456789abcdef" image: "r:5000/a/b:1@sha256:c" }
          workload { host_name: "h" namespace: "n" }
        )",
        made);
    GATEWATCH_CHECK(read);
    return made;
  }();
  return *event;
}

}  // namespace gatewatch::detection
