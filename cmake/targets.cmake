# One target a folder; a target says what it is and what it needs.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

# gatewatch_library(NAME SOURCES … [PUBLIC …] [PRIVATE …])
function(gatewatch_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name}
    PUBLIC gatewatch_base_flags ${arg_PUBLIC}
    PRIVATE ${arg_PRIVATE})
endfunction()

# gatewatch_binary(NAME SOURCES … PRIVATE …)
function(gatewatch_binary name)
  cmake_parse_arguments(arg "" "" "SOURCES;PRIVATE" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE gatewatch_base_flags ${arg_PRIVATE})
endfunction()

# gatewatch_test(NAME SOURCES … PRIVATE … [LABELS …] [TIMEOUT seconds])
# A Catch2 binary. A case that prints "SKIPPED: reason" counts as skipped.
function(gatewatch_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;PRIVATE;LABELS;NEEDS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE
    gatewatch_base_flags test_main ${arg_PRIVATE})
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
