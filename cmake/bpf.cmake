# BPF programs: compiled by clang to BPF, and made into a header that holds the
# object and knows its maps and programs (a skeleton). Nothing of the running
# kernel is needed for it.
if(GATEWATCH_CAPTURE_ONLY)
  return()
endif()
find_program(GATEWATCH_BPF_CLANG NAMES clang-14 clang REQUIRED)
find_program(GATEWATCH_BPFTOOL NAMES bpftool PATHS /usr/sbin REQUIRED)
pkg_check_modules(LIBBPF REQUIRED IMPORTED_TARGET libbpf)

# gatewatch_bpf_object(NAME SOURCE STEM.bpf.c HEADERS …): a library without
# code, through which "FOLDER/STEM.skel.h" is found.
function(gatewatch_bpf_object name)
  cmake_parse_arguments(arg "" "SOURCE" "HEADERS" ${ARGN})
  string(REGEX REPLACE "\\.bpf\\.c$" "" stem ${arg_SOURCE})
  set(root ${CMAKE_CURRENT_BINARY_DIR}/skeleton)
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  set(out ${root}/${folder})
  file(MAKE_DIRECTORY ${out})
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    set(architecture arm64)
  else()
    set(architecture x86)
  endif()
  list(TRANSFORM arg_HEADERS PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  add_custom_command(
    OUTPUT ${out}/${stem}.bpf.o
    COMMAND ${GATEWATCH_BPF_CLANG} -target bpf -mcpu=v3 -O2 -g
      -Wall -Wextra -Werror
      -Wno-unused-parameter  # a program names all that its hook passes
      -D__TARGET_ARCH_${architecture}
      -I ${PROJECT_SOURCE_DIR}
      -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}
      -c ${CMAKE_CURRENT_SOURCE_DIR}/${arg_SOURCE} -o ${out}/${stem}.bpf.o
    DEPENDS ${arg_SOURCE} ${arg_HEADERS}
    VERBATIM)
  add_custom_command(
    OUTPUT ${out}/${stem}.skel.h
    COMMAND ${GATEWATCH_BPFTOOL} gen skeleton ${out}/${stem}.bpf.o
      name ${stem}_bpf > ${out}/${stem}.skel.h
    DEPENDS ${out}/${stem}.bpf.o
    VERBATIM)
  add_custom_target(${name}_skeleton DEPENDS ${out}/${stem}.skel.h)
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}_skeleton)
  target_include_directories(${name} SYSTEM INTERFACE ${root})
endfunction()
