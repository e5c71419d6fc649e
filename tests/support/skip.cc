#include "tests/support/skip.h"

#include <iostream>

#include "catch2/catch.hpp"

namespace gatewatch::testing {

void Skip(absl::string_view reason) {
  std::cout << "SKIPPED: " << Catch::getResultCapture().getCurrentTestName()
            << ": " << reason << std::endl;
}

}  // namespace gatewatch::testing
