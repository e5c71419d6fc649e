#include "probes/ptrace/tracee_table.h"

#include "catch2/catch.hpp"

namespace gatewatch::probes {

TEST_CASE("a child that ends before its maker reports it is not news again",
          "[ptrace]") {
  TraceeTable table;
  table.FindOrAdd(10);
  table.Forget(10);
  CHECK_FALSE(table.Announce(10));
  CHECK(table.Announce(10));  // the tid is used again
}

TEST_CASE("a child that ends before its first stop is remembered too",
          "[ptrace]") {
  TraceeTable table;
  table.Forget(10);
  CHECK_FALSE(table.Announce(10));
}

TEST_CASE("a tid that is used again is a new child", "[ptrace]") {
  TraceeTable table;
  table.Forget(10);     // its maker was killed and never reported it
  table.FindOrAdd(10);  // another one's child, before its maker's report
  CHECK(table.Announce(10));
}

TEST_CASE("an announced child is forgotten without a trace", "[ptrace]") {
  TraceeTable table;
  REQUIRE(table.Announce(10));
  table.Forget(10);
  CHECK(table.Announce(10));
}

TEST_CASE("an exec by another thread makes it the first", "[ptrace]") {
  TraceeTable table;
  table.Announce(10);
  table.Announce(11);
  table.FindOrAdd(11).in_call = true;
  CHECK(table.Replace(10, 11).in_call);
  CHECK(table.FindOrAdd(10).in_call);
  CHECK_FALSE(table.FindOrAdd(11).in_call);
}

TEST_CASE("an exec by the first thread changes nothing", "[ptrace]") {
  TraceeTable table;
  table.Announce(10);
  table.FindOrAdd(10).in_call = true;
  CHECK(table.Replace(10, 10).in_call);
}

}  // namespace gatewatch::probes
