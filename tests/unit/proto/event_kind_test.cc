#include "proto/event_kind.h"

#include <algorithm>
#include <set>

#include "catch2/catch.hpp"
#include "google/protobuf/descriptor.h"

namespace gatewatch {
namespace {

bool IsKnown(absl::string_view kind) {
  const auto& kinds = EventKinds();
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

}  // namespace

TEST_CASE("an event of any detail has a kind that can be asked for", "[kind]") {
  const auto* details = v1::Event::descriptor()->FindOneofByName("detail");
  REQUIRE(details != nullptr);
  for (int i = 0; i < details->field_count(); ++i) {
    v1::Event event;
    // FileChange's kind is its operation's, below.
    if (details->field(i)->name() == "file_change") continue;
    event.GetReflection()->MutableMessage(&event, details->field(i));
    CAPTURE(details->field(i)->name());
    CHECK(IsKnown(EventKind(event)));
  }
}

TEST_CASE("a change of a file is of its operation's kind", "[kind]") {
  std::set<absl::string_view> kinds;
  for (int i = 1; i < v1::FileChange::Operation_ARRAYSIZE; ++i) {
    v1::Event event;
    event.mutable_file_change()->set_operation(
        static_cast<v1::FileChange::Operation>(i));
    CAPTURE(i);
    CHECK(IsKnown(EventKind(event)));
    kinds.insert(EventKind(event));
  }
  CHECK(kinds.size() == v1::FileChange::Operation_ARRAYSIZE - 2);  // xattr: 2
}

TEST_CASE("the kinds of privileged calls have names of their own", "[kind]") {
  v1::Event event;
  event.mutable_signal_send();
  CHECK(EventKind(event) == "signal");
  event.mutable_namespace_change();
  CHECK(EventKind(event) == "namespace");
  event.mutable_mount_change();
  CHECK(EventKind(event) == "mount");
  event.mutable_kernel_interface();
  CHECK(EventKind(event) == "kernel");
  event.mutable_executable_memory();
  CHECK(EventKind(event) == "execmem");
}

}  // namespace gatewatch
