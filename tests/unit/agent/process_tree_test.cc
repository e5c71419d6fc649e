#include "agent/process_tree.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

using probes::ProcessId;

v1::Process Named(const std::string& name) {
  v1::Process process;
  process.set_name(name);
  return process;
}

class Tree : public ProcessTree {
 public:
  using ProcessTree::ProcessTree;
  LineagePtr Add(ProcessId id, ProcessId parent, const std::string& name) {
    return Record(id, parent, Named(name), 1);
  }
};

std::vector<std::string> AncestorNames(const Lineage& lineage) {
  std::vector<std::string> names;
  for (const auto& ancestor : lineage.ancestors) {
    names.push_back(ancestor->name());
  }
  return names;
}

}  // namespace

TEST_CASE("a process key tells machine, namespace, pid and start apart",
          "[agent]") {
  const std::string key = ProcessKey("boot", 1, {2, 3});
  CHECK(key.size() == 13);
  CHECK(key == ProcessKey("boot", 1, {2, 3}));
  CHECK(key != ProcessKey("other", 1, {2, 3}));
  CHECK(key != ProcessKey("boot", 9, {2, 3}));
  CHECK(key != ProcessKey("boot", 1, {9, 3}));
  CHECK(key != ProcessKey("boot", 1, {2, 9}));
}

TEST_CASE("each change of a process is a new revision of one key", "[agent]") {
  Tree tree({.boot_id = "boot"});
  const LineagePtr first = tree.Add({10, 1}, {}, "sh");
  const LineagePtr second = tree.Add({10, 1}, {}, "curl");
  CHECK(first->process->revision() == 1);
  CHECK(second->process->revision() == 2);
  CHECK(first->process->key() == second->process->key());
  CHECK(first->process->name() == "sh");  // what was handed out stays
  CHECK(tree.Find({10, 1}) == second);
}

TEST_CASE("a state names the parent's state when it began", "[agent]") {
  Tree tree(ProcessTree::Options{});
  tree.Add({1, 1}, {}, "init");
  tree.Add({2, 2}, {1, 1}, "sh");
  const LineagePtr child = tree.Add({3, 3}, {2, 2}, "sh");
  tree.Add({2, 2}, {1, 1}, "bash");
  CHECK(child->process->parent().revision() == 1);
  CHECK(child->process->parent_pid() == 2);
  CHECK(AncestorNames(*child) == std::vector<std::string>{"sh", "init"});
  const LineagePtr later = tree.Add({3, 3}, {2, 2}, "curl");
  CHECK(later->process->parent().revision() == 2);
}

TEST_CASE("a process handed to a reaper keeps who started it", "[agent]") {
  Tree tree(ProcessTree::Options{});
  tree.Add({1, 1}, {}, "init");
  tree.Add({2, 2}, {1, 1}, "nginx");
  tree.Add({3, 3}, {2, 2}, "sh");
  tree.Exit({2, 2});
  const LineagePtr after = tree.Add({3, 3}, {1, 1}, "miner");
  CHECK(AncestorNames(*after) == std::vector<std::string>{"nginx", "init"});
  CHECK(after->process->parent_pid() == 2);
}

TEST_CASE("a pid's new owner is another process", "[agent]") {
  Tree tree(ProcessTree::Options{});
  const LineagePtr before = tree.Add({5, 100}, {}, "old");
  const LineagePtr after = tree.Add({5, 200}, {}, "new");
  CHECK(before->process->key() != after->process->key());
  CHECK(tree.FindByPid(5) == after);
  CHECK(tree.live() == 1);
  CHECK(tree.exited() == 1);
}

TEST_CASE("an exited process is found by its id and not by its pid",
          "[agent]") {
  Tree tree(ProcessTree::Options{});
  const LineagePtr state = tree.Add({5, 100}, {}, "x");
  tree.Exit({5, 100});
  CHECK(tree.Find({5, 100}) == state);
  CHECK(tree.FindByPid(5) == nullptr);
  CHECK(tree.Find({6, 1}) == nullptr);
}

TEST_CASE("exited processes go oldest first when they are too many",
          "[agent]") {
  Tree tree({.exited_capacity = 2});
  for (int pid = 1; pid <= 3; ++pid) {
    tree.Add({pid, 1}, {}, "x");
    tree.Exit({pid, 1});
  }
  CHECK(tree.exited() == 2);
  CHECK(tree.Find({1, 1}) == nullptr);
  CHECK(tree.Find({2, 1}) != nullptr);
  CHECK(tree.evicted() == 0);
}

TEST_CASE("beyond the capacity the process longest without news goes",
          "[agent]") {
  Tree tree({.live_capacity = 2});
  const LineagePtr one = tree.Add({1, 1}, {}, "x");
  tree.Add({2, 1}, {}, "x");
  tree.Find({1, 1});
  tree.Add({3, 1}, {}, "x");
  CHECK(tree.live() == 2);
  CHECK(tree.evicted() == 1);
  CHECK(tree.Find({2, 1}) == nullptr);
  CHECK(tree.Find({1, 1}) == one);
}

TEST_CASE("an evicted process never gets a revision twice", "[agent]") {
  Tree tree({.live_capacity = 1});
  tree.Add({1, 1}, {}, "a");
  tree.Add({1, 1}, {}, "b");
  tree.Add({2, 1}, {}, "x");
  CHECK(tree.Add({1, 1}, {}, "c")->process->revision() > 2);
}

TEST_CASE("ten thousand live processes fit", "[agent]") {
  Tree tree(ProcessTree::Options{});
  for (int pid = 1; pid <= 10'000; ++pid) tree.Add({pid, 1}, {}, "x");
  CHECK(tree.live() == 10'000);
  CHECK(tree.evicted() == 0);
}

TEST_CASE("a process that forks and exits for ever keeps 16 ancestors",
          "[agent]") {
  Tree tree({.exited_capacity = 4});
  std::weak_ptr<const Lineage> early;
  LineagePtr last;
  for (int pid = 1; pid <= 1000; ++pid) {
    last = tree.Add({pid, 1}, {pid - 1, 1}, absl::StrCat("p", pid));
    tree.Exit({pid - 1, 1});
    if (pid == 10) early = last;
  }
  CHECK(last->ancestors.size() == Lineage::kMaxAncestors);
  CHECK(last->ancestors[0]->name() == "p999");
  CHECK(early.expired());
}

}  // namespace gatewatch::agent
