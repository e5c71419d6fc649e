# GATEWATCH_SANITIZE is passed to -fsanitize= as it is.
set(GATEWATCH_SANITIZE "" CACHE STRING "Sanitizers, comma separated")
if(GATEWATCH_SANITIZE)
  add_compile_options(-fsanitize=${GATEWATCH_SANITIZE}
    -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${GATEWATCH_SANITIZE})
endif()
