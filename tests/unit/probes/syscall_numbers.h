#ifndef GATEWATCH_TESTS_UNIT_PROBES_SYSCALL_NUMBERS_H_
#define GATEWATCH_TESTS_UNIT_PROBES_SYSCALL_NUMBERS_H_

namespace gatewatch::testing {

struct NamedNumber {
  const char* name;
  int number;
};

// The numbers by which arm64 knows the calls of the table, from the kernel's
// generic header: it has the same content on every machine. Ends with a null
// name.
extern const NamedNumber kGenericSyscalls[];

// The numbers of the architecture that the test runs on. Ends likewise.
extern const NamedNumber kNativeSyscalls[];

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_UNIT_PROBES_SYSCALL_NUMBERS_H_
