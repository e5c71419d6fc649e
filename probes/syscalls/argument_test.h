#ifndef GATEWATCH_PROBES_SYSCALLS_ARGUMENT_TEST_H_
#define GATEWATCH_PROBES_SYSCALLS_ARGUMENT_TEST_H_

#include <array>
#include <cstdint>

namespace gatewatch::probes {

using RegisterArguments = std::array<uint64_t, 6>;

// Lets the filter pass a call unseen when a register argument says that it is
// of no interest.
struct ArgumentTest {
  enum class Kind {
    kAlways,  // observe every such call
    kNever,
    kNonZero,  // only when the argument (64 bits) is not 0
    kAtMost,   // only when its lower 32 bits, unsigned, are at most values[0]
    kOneOf,    // only when its lower 32 bits are one of values
    kNoneOf,   // only when they are none of values
    kAnyBit,   // only when they share a bit with values[0]
    kAllBits,  // only when they have all bits of values[0]
  };
  Kind kind = Kind::kAlways;
  uint8_t argument = 0;
  // kOneOf, kNoneOf: filled up by repetition.
  std::array<uint32_t, 4> values = {};
};

// What a filter that carries the test decides, for rungs that have none.
bool Holds(const ArgumentTest& test, const RegisterArguments& arguments);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_SYSCALLS_ARGUMENT_TEST_H_
