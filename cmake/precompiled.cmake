# Most of the time that a file takes to compile goes into the headers of the
# libraries that it uses. They are parsed once here. Files include what they
# use all the same: -DGATEWATCH_PRECOMPILED=OFF shows whether they do.
option(GATEWATCH_PRECOMPILED "Precompile the headers of libraries" ON)

# None of these adds code to the static launcher, as <iostream> would.
set(common_headers
  <algorithm> <array> <cerrno> <cstddef> <cstdint> <cstdlib> <cstring>
  <filesystem> <fstream> <functional> <map> <memory> <optional> <set> <string>
  <thread> <utility> <variant> <vector>
  <absl/algorithm/container.h>
  <absl/container/flat_hash_map.h> <absl/container/flat_hash_set.h>
  <absl/status/status.h> <absl/status/statusor.h>
  <absl/strings/ascii.h> <absl/strings/match.h> <absl/strings/numbers.h>
  <absl/strings/str_cat.h> <absl/strings/str_join.h>
  <absl/strings/str_replace.h> <absl/strings/str_split.h>
  <absl/strings/string_view.h> <absl/strings/strip.h>
  <absl/synchronization/mutex.h>
  <absl/time/clock.h> <absl/time/time.h>
  <absl/types/span.h>)
set(program_headers
  ${common_headers}
  <google/protobuf/arena.h>
  <google/protobuf/extension_set.h>
  <google/protobuf/generated_message_reflection.h>
  <google/protobuf/generated_message_util.h>
  <google/protobuf/map.h>
  <google/protobuf/map_entry.h>
  <google/protobuf/message.h>
  <google/protobuf/repeated_field.h>
  <google/protobuf/unknown_field_set.h>)

# gatewatch_precompile(NAME HEADER …): makes what gatewatch_use_precompiled
# can name.
function(gatewatch_precompile name)
  file(WRITE ${PROJECT_BINARY_DIR}/${name}.cc "")
  add_library(${name} STATIC ${PROJECT_BINARY_DIR}/${name}.cc)
  target_link_libraries(${name} PRIVATE gatewatch_base_flags)
  if(GATEWATCH_PRECOMPILED)
    target_precompile_headers(${name} PRIVATE ${ARGN})
  endif()
endfunction()

# gatewatch_use_precompiled(TARGET NAME)
function(gatewatch_use_precompiled target name)
  if(GATEWATCH_PRECOMPILED)
    target_precompile_headers(${target} REUSE_FROM ${name})
  endif()
endfunction()

gatewatch_precompile(precompiled_common ${common_headers})
if(NOT GATEWATCH_CAPTURE_ONLY)
  gatewatch_precompile(precompiled_program ${program_headers})
endif()
