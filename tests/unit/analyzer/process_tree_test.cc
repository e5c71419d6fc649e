#include "analyzer/process_tree.h"

#include "catch2/catch.hpp"
#include "tests/unit/analyzer/samples.h"

namespace gatewatch::analyzer {
namespace {

const std::string kAgent = "agent";

struct Fixture {
  TempDirectory directory;
  uint64_t now = 1'000'000 * kSecond;
  std::unique_ptr<EventStore> events = *EventStore::Open(
      {.directory = directory.path(), .now = [this] { return now; }});
  std::unique_ptr<AlertStore> alerts =
      *AlertStore::Open(directory.path(), {.fold_window = absl::Minutes(1)});

  void Append(const v1::Batch& batch) {
    REQUIRE(events->Append(ReportOf(batch, kAgent)).ok());
  }
  v1::GetProcessTreeResponse Tree(const std::string& key) {
    auto tree = FindProcessTree(*events, *alerts, key);
    REQUIRE(tree.ok());
    return *std::move(tree);
  }
};

void AddProcess(v1::Batch& batch, const std::string& key,
                const std::string& parent, uint64_t start_time_ns = 0) {
  v1::Process& process = *batch.add_processes();
  process.set_key(key);
  process.set_revision(1);
  process.set_start_time_ns(start_time_ns);
  if (!parent.empty()) process.mutable_parent()->set_key(parent);
}

void AddEvent(v1::Batch& batch, const std::string& key, uint64_t sequence) {
  v1::Event& event = *batch.add_events();
  event.set_sequence(sequence);
  event.set_time_ns(sequence * kSecond);
  event.mutable_process()->set_key(key);
  event.mutable_file_open();
}

std::vector<std::string> KeysOf(const v1::GetProcessTreeResponse& tree) {
  std::vector<std::string> keys;
  for (const v1::ProcessNode& node : tree.nodes()) {
    keys.push_back(node.process().key());
  }
  return keys;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("a tree goes from the root to the descendants, the oldest first",
          "[analyzer][tree]") {
  Fixture f;
  v1::Batch batch;
  AddProcess(batch, "init", "");
  AddProcess(batch, "server", "init");
  AddProcess(batch, "other", "init");
  AddProcess(batch, "young", "server", 20);
  AddProcess(batch, "old", "server", 10);
  AddProcess(batch, "grandchild", "old", 30);
  AddEvent(batch, "server", 1);
  f.Append(batch);
  CHECK(KeysOf(f.Tree("server")) ==
        Keys{"init", "server", "old", "grandchild", "young"});
  CHECK(KeysOf(f.Tree("young")) == Keys{"init", "server", "young"});
}

TEST_CASE("a process is shown with what it did, its exit and its alerts",
          "[analyzer][tree]") {
  Fixture f;
  v1::Batch batch = Opens(1, 3);
  batch.mutable_events(2)->mutable_process_exit()->set_code(7);
  f.Append(batch);
  AlertStore::Candidate candidate;
  candidate.alert.mutable_event()->mutable_process()->set_key("proc-1");
  REQUIRE(f.alerts->Raise(kAgent, 1, 1, {candidate}).ok());

  const v1::GetProcessTreeResponse tree = f.Tree("proc-1");
  REQUIRE(KeysOf(tree) == Keys{"proc-0", "proc-1"});
  const v1::ProcessNode& node = tree.nodes(1);
  CHECK(node.parent_key() == "proc-0");
  REQUIRE(node.counts_size() == 2);
  CHECK(node.counts(0).kind() == "exit");
  CHECK(node.counts(1).kind() == "open");
  CHECK(node.counts(1).count() == 2);
  CHECK(node.exit().code() == 7);
  CHECK(node.exit_time_ns() == 3 * kSecond);
  CHECK(node.alert_ids_size() == 1);
  CHECK_FALSE(tree.truncated());
}

TEST_CASE("a tree is put together from all partitions", "[analyzer][tree]") {
  Fixture f;
  f.Append(Opens(1, 2));
  f.now += 3600 * kSecond;
  v1::Batch later = Opens(3, 1);
  AddProcess(later, "child", "proc-1");
  f.Append(later);
  const v1::GetProcessTreeResponse tree = f.Tree("proc-1");
  REQUIRE(KeysOf(tree) == Keys{"proc-0", "proc-1", "child"});
  CHECK(tree.nodes(1).counts(0).count() == 3);
}

TEST_CASE("a tree has what no partition knows as a whole", "[analyzer][tree]") {
  Fixture f;
  v1::Batch early;
  AddProcess(early, "init", "");
  AddProcess(early, "server", "init");
  AddProcess(early, "worker", "server");
  AddEvent(early, "worker", 1);
  f.Append(early);
  f.now += 3600 * kSecond;
  v1::Batch late;
  AddProcess(late, "init", "");
  AddProcess(late, "job", "worker");
  AddEvent(late, "job", 2);
  f.Append(late);
  CHECK(KeysOf(f.Tree("init")) == Keys{"init", "server", "worker", "job"});
  CHECK(KeysOf(f.Tree("job")) == Keys{"init", "server", "worker", "job"});
  CHECK(f.Tree("job").nodes(2).counts_size() == 1);
}

TEST_CASE("a forged ring of parents is walked once", "[analyzer][tree]") {
  Fixture f;
  v1::Batch batch;
  AddProcess(batch, "a", "b");
  AddProcess(batch, "b", "c");
  AddProcess(batch, "c", "a");
  AddProcess(batch, "self", "self");
  AddEvent(batch, "a", 1);
  f.Append(batch);
  CHECK(KeysOf(f.Tree("a")) == Keys{"c", "b", "a"});
  CHECK(KeysOf(f.Tree("self")) == Keys{"self"});
}

TEST_CASE("a tree that is too large is cut and says so", "[analyzer][tree]") {
  Fixture f;
  v1::Batch batch;
  AddProcess(batch, "bomb", "");
  for (int i = 0; i < 10'500; ++i) {
    AddProcess(batch, "child-" + std::to_string(i), "bomb");
  }
  AddEvent(batch, "bomb", 1);
  f.Append(batch);
  const v1::GetProcessTreeResponse tree = f.Tree("bomb");
  CHECK(tree.nodes_size() == 10'000);
  CHECK(tree.truncated());
}

TEST_CASE("a process that nobody knows is not found", "[analyzer][tree]") {
  Fixture f;
  f.Append(Opens(1, 1));
  CHECK(absl::IsNotFound(
      FindProcessTree(*f.events, *f.alerts, "nobody").status()));
}

}  // namespace gatewatch::analyzer
