#include "cli/render_tree.h"

#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catch2/catch.hpp"

namespace gatewatch::cli {
namespace {

v1::ProcessNode& Add(v1::GetProcessTreeResponse& tree, const std::string& key,
                     const std::string& parent) {
  v1::ProcessNode& node = *tree.add_nodes();
  node.set_parent_key(parent);
  node.mutable_process()->set_key(key);
  node.mutable_process()->set_name(key);
  node.mutable_process()->add_arguments(key);
  node.mutable_process()->mutable_credentials()->set_user_name("root");
  return node;
}

std::string Drawn(const v1::GetProcessTreeResponse& tree,
                  const std::string& asked) {
  std::ostringstream out;
  WriteProcessTree(tree, asked, out);
  return out.str();
}

}  // namespace

TEST_CASE("children stand below their parent, in order", "[cli]") {
  v1::GetProcessTreeResponse tree;
  Add(tree, "init", "");
  Add(tree, "sh", "init");
  Add(tree, "b", "sh");
  Add(tree, "c", "sh");
  Add(tree, "d", "b");
  CHECK(Drawn(tree, "sh") ==
        "  init[0]  root  init\n"
        "* \\_ sh[0]  root  sh\n"
        "     \\_ b[0]  root  b\n"
        "        \\_ d[0]  root  d\n"
        "     \\_ c[0]  root  c\n");
}

TEST_CASE("a node tells what it did and how it ended", "[cli]") {
  v1::GetProcessTreeResponse tree;
  v1::ProcessNode& node = Add(tree, "sh", "gone");
  node.add_counts()->set_kind("exec");
  node.mutable_counts(0)->set_count(2);
  node.mutable_exit()->set_code(3);
  node.mutable_exit()->set_code_known(true);
  node.add_alert_ids("abc");
  CHECK(Drawn(tree, "") ==
        "  sh[0]  root  sh  (exec 2)  ended with 3  ALERT "
        "abc\n");
}

TEST_CASE("a circle of parents is drawn once and ends", "[cli]") {
  v1::GetProcessTreeResponse tree;
  Add(tree, "a", "b");
  Add(tree, "b", "a");
  Add(tree, "c", "c");
  CHECK(Drawn(tree, "") ==
        "  a[0]  root  a\n"
        "  \\_ b[0]  root  b\n"
        "  c[0]  root  c\n");
}

TEST_CASE("ten thousand generations do not exhaust the stack", "[cli]") {
  v1::GetProcessTreeResponse tree;
  for (int i = 0; i < 10000; ++i) {
    Add(tree, absl::StrCat(i), absl::StrCat(i - 1));
  }
  tree.set_truncated(true);
  const std::vector<std::string> lines =
      absl::StrSplit(Drawn(tree, ""), '\n', absl::SkipEmpty());
  CHECK(lines.size() == 10001);
  CHECK_THAT(lines.back(), Catch::Contains("and more"));
}

}  // namespace gatewatch::cli
