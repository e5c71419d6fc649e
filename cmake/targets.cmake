# One target a folder; a target says what it is and what it needs. The
# variable GATEWATCH_PRECOMPILED_HEADERS names the headers that it is given.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

# gatewatch_library(NAME SOURCES … [PUBLIC …] [PRIVATE …])
function(gatewatch_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name}
    PUBLIC gatewatch_base_flags ${arg_PUBLIC}
    PRIVATE ${arg_PRIVATE})
  gatewatch_use_precompiled(${name} ${GATEWATCH_PRECOMPILED_HEADERS})
endfunction()

# gatewatch_binary(NAME SOURCES … PRIVATE …)
function(gatewatch_binary name)
  cmake_parse_arguments(arg "" "" "SOURCES;PRIVATE" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE gatewatch_base_flags ${arg_PRIVATE})
  gatewatch_use_precompiled(${name} ${GATEWATCH_PRECOMPILED_HEADERS})
endfunction()

# gatewatch_test(NAME SOURCES … PRIVATE … [LABELS …] [TIMEOUT seconds])
# A Catch2 binary. A case that prints "SKIPPED: reason" counts as skipped.
function(gatewatch_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;PRIVATE;LABELS;NEEDS" ${ARGN})
  if(NOT arg_TIMEOUT)
    # Ends what hangs. A million random pairs take minutes under sanitizers.
    set(arg_TIMEOUT 900)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE
    gatewatch_base_flags test_main ${arg_PRIVATE})
  gatewatch_use_precompiled(${name} precompiled_test)
  if(arg_NEEDS)
    add_dependencies(${name} ${arg_NEEDS})
  endif()
  # One ctest entry a binary: the cases share their process, and the report
  # of a failing run names the case.
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES
    TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
    ENVIRONMENT "GATEWATCH_BIN=${PROJECT_BINARY_DIR}/bin;GATEWATCH_SOURCE=${PROJECT_SOURCE_DIR}")
endfunction()

# gatewatch_static_binary(NAME SOURCES … ARCHIVES …): linked statically, so
# that it runs in any image. ARCHIVES are libraries of ours, dependents first.
# Abseil's CMake targets are its shared libraries; its archives come by
# pkg-config.
function(gatewatch_static_binary name)
  cmake_parse_arguments(arg "" "" "SOURCES;ARCHIVES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE gatewatch_base_flags)
  gatewatch_use_precompiled(${name} ${GATEWATCH_PRECOMPILED_HEADERS})
  if(GATEWATCH_SANITIZE)  # a sanitizer's runtime is not static
    target_link_libraries(${name} PRIVATE ${arg_ARCHIVES})
    return()
  endif()
  add_dependencies(${name} ${arg_ARCHIVES})
  foreach(archive ${arg_ARCHIVES})
    target_link_libraries(${name} PRIVATE $<TARGET_FILE:${archive}>)
  endforeach()
  target_link_libraries(${name} PRIVATE ${ABSL_STATIC_STATIC_LDFLAGS})
  target_link_options(${name} PRIVATE -static)
endfunction()
