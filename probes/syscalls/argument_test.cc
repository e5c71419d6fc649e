#include "probes/syscalls/argument_test.h"

#include <algorithm>

namespace gatewatch::probes {

bool Holds(const ArgumentTest& test, const RegisterArguments& arguments) {
  const uint64_t value = arguments[test.argument];
  const auto word = static_cast<uint32_t>(value);
  switch (test.kind) {
    case ArgumentTest::Kind::kAlways:
      return true;
    case ArgumentTest::Kind::kNonZero:
      return value != 0;
    case ArgumentTest::Kind::kAtMost:
      return word <= test.values[0];
    case ArgumentTest::Kind::kOneOf:
      return std::find(test.values.begin(), test.values.end(), word) !=
             test.values.end();
  }
  return true;
}

}  // namespace gatewatch::probes
