#include "agent/launch/calls_of_kinds.h"

#include <set>
#include <string>

#include "catch2/catch.hpp"
#include "probes/seccomp/filter.h"

namespace gatewatch::agent {
namespace {

std::set<std::string> NamesOf(absl::string_view list) {
  std::set<std::string> names;
  for (const probes::SyscallRow& row : CallsOfKinds(list)) {
    names.emplace(row.name);
  }
  return names;
}

}  // namespace

TEST_CASE("the calls of a kind are chosen, and what processes are followed by",
          "[launch]") {
  const std::set<std::string> names = NamesOf("connect,mkdir");
  for (const char* name : {"connect", "mkdir", "mkdirat", "execve", "execveat",
                           "exit_group", "setuid", "capset"}) {
    INFO(name);
    CHECK(names.contains(name));
  }
  for (const char* name : {"openat", "unlink", "accept", "kill", "clone"}) {
    INFO(name);
    CHECK_FALSE(names.contains(name));
  }
}

TEST_CASE("a clone of the table is chosen for the namespaces it makes",
          "[launch]") {
  CHECK(NamesOf("namespace").contains("clone"));
  CHECK_FALSE(NamesOf("start").contains("clone"));
}

TEST_CASE("an empty list stands for all calls", "[launch]") {
  CHECK(CallsOfKinds("").size() == probes::SyscallTable().size());
}

TEST_CASE("kinds that are not known choose nothing", "[launch]") {
  CHECK(NamesOf("no-such-kind,,") == NamesOf("exec"));
}

TEST_CASE("a filter of few kinds is shorter", "[launch]") {
  const auto architecture = probes::NativeArchitecture();
  CHECK(probes::BuildFilter(CallsOfKinds("exec"), architecture).size() <
        probes::BuildFilter(CallsOfKinds(""), architecture).size() / 2);
}

}  // namespace gatewatch::agent
