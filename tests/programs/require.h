#ifndef GATEWATCH_TESTS_PROGRAMS_REQUIRE_H_
#define GATEWATCH_TESTS_PROGRAMS_REQUIRE_H_

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A call of the program that must succeed, as it does without an observer.
#define REQUIRE_CALL(call)                                \
  ([&] {                                                  \
    const auto result_ = (call);                          \
    if (result_ < 0) {                                    \
      printf("FAILED: %s: %s\n", #call, strerror(errno)); \
      exit(99);                                           \
    }                                                     \
    return result_;                                       \
  }())

#endif  // GATEWATCH_TESTS_PROGRAMS_REQUIRE_H_
