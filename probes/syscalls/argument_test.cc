#include "probes/syscalls/argument_test.h"

#include <algorithm>

namespace gatewatch::probes {

bool Holds(const ArgumentTest& test, const RegisterArguments& arguments) {
  const uint64_t value = arguments[test.argument];
  const auto word = static_cast<uint32_t>(value);
  const auto begin = test.values.begin();
  const auto end = test.values.end();
  switch (test.kind) {
    case ArgumentTest::Kind::kAlways:
      return true;
    case ArgumentTest::Kind::kNever:
      return false;
    case ArgumentTest::Kind::kNonZero:
      return value != 0;
    case ArgumentTest::Kind::kAtMost:
      return word <= test.values[0];
    case ArgumentTest::Kind::kOneOf:
      return std::find(begin, end, word) != end;
    case ArgumentTest::Kind::kNoneOf:
      return std::find(begin, end, word) == end;
    case ArgumentTest::Kind::kAnyBit:
      return (word & test.values[0]) != 0;
    case ArgumentTest::Kind::kAllBits:
      return (word & test.values[0]) == test.values[0];
  }
  return false;
}

}  // namespace gatewatch::probes
