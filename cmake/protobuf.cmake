# gatewatch_proto(NAME PROTOS … [GRPC]): a library from .proto files below
# proto/, included as "gatewatch/v1/FILE.pb.h".
function(gatewatch_proto name)
  cmake_parse_arguments(arg "GRPC" "" "PROTOS;PUBLIC" ${ARGN})
  set(out ${PROJECT_BINARY_DIR}/proto)
  file(MAKE_DIRECTORY ${out})
  if(arg_GRPC)
    set(suffix grpc.pb)
    set(generate --grpc_out=${out}
      --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
  else()
    set(suffix pb)
    set(generate --cpp_out=${out})
  endif()
  foreach(proto ${arg_PROTOS})
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(generated ${out}/${stem}.${suffix}.cc ${out}/${stem}.${suffix}.h)
    add_custom_command(
      OUTPUT ${generated}
      COMMAND protobuf::protoc ${generate}
        -I ${PROJECT_SOURCE_DIR}/proto ${PROJECT_SOURCE_DIR}/proto/${proto}
      DEPENDS ${PROJECT_SOURCE_DIR}/proto/${proto}
      VERBATIM)
    list(APPEND sources ${generated})
  endforeach()
  add_library(${name} STATIC ${sources})
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_include_directories(${name} SYSTEM PUBLIC ${out})
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf ${arg_PUBLIC})
  if(arg_GRPC)
    target_link_libraries(${name} PUBLIC gRPC::grpc++)
  endif()
endfunction()
