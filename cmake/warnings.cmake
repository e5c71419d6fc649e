# Flags that every target of ours carries, and none of a dependency's.
add_library(gatewatch_base_flags INTERFACE)
target_compile_features(gatewatch_base_flags INTERFACE cxx_std_20)
target_include_directories(gatewatch_base_flags INTERFACE
  ${PROJECT_SOURCE_DIR})
target_compile_options(gatewatch_base_flags INTERFACE
  -pthread  # everywhere, as precompiled headers demand the same flags
  $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>  # for ccache
  -Wall -Wextra -Werror -Wnon-virtual-dtor -Woverloaded-virtual -Wvla
  -Wno-missing-field-initializers  # designated initializers name what differs
  # GCC 12 sees overlapping copies inside std::string (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
set(CMAKE_CXX_EXTENSIONS OFF)
