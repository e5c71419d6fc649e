#include "agent/writer_map.h"

#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

WriterMap::Writer By(const std::string& name) {
  WriterMap::Writer writer;
  writer.name = name;
  return writer;
}

}  // namespace

TEST_CASE("the last writer of a path counts, each namespace for itself",
          "[agent]") {
  WriterMap writers(10);
  writers.Record(1, "/tmp/x", By("curl"));
  writers.Record(1, "/tmp/x", By("chmod"));
  writers.Record(2, "/tmp/x", By("tar"));
  CHECK(writers.Find(1, "/tmp/x")->name == "chmod");
  CHECK(writers.Find(2, "/tmp/x")->name == "tar");
  CHECK(writers.Find(1, "/tmp/y") == nullptr);
}

TEST_CASE("a full writer map forgets the path longest without news",
          "[agent]") {
  WriterMap writers(2);
  writers.Record(1, "/a", By("a"));
  writers.Record(1, "/b", By("b"));
  writers.Record(1, "/a", By("a"));
  writers.Record(1, "/c", By("c"));
  CHECK(writers.size() == 2);
  CHECK(writers.Find(1, "/b") == nullptr);
  CHECK(writers.Find(1, "/a") != nullptr);
}

}  // namespace gatewatch::agent
