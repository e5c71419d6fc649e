#include "analyzer/report.h"

#include "catch2/catch.hpp"
#include "tests/unit/analyzer/samples.h"

namespace gatewatch::analyzer {
namespace {

// A chain of processes, each the child of the next, of which an open is.
v1::Batch ChainOf(int length) {
  v1::Batch batch = Opens(1, 1);
  batch.clear_processes();
  for (int i = 0; i < length; ++i) {
    v1::Process& process = *batch.add_processes();
    process.set_key("chain-" + std::to_string(i));
    if (i + 1 == length) break;
    process.mutable_parent()->set_key("chain-" + std::to_string(i + 1));
  }
  *batch.mutable_events(0)->mutable_process() = {};
  batch.mutable_events(0)->mutable_process()->set_key("chain-0");
  return batch;
}

}  // namespace

TEST_CASE("a lineage goes up to who is known", "[analyzer][report]") {
  const v1::Batch batch = ChainOf(4);
  const std::string agent = "agent";
  const Report report = ReportOf(batch, agent);
  ReportView view(report);
  CHECK(view.Of(batch.events(0)).ancestors.size() == 3);
}

TEST_CASE("a lineage ends at the agent that started the workload",
          "[analyzer][report]") {
  v1::Batch batch = ChainOf(4);
  batch.mutable_processes(1)->set_of_agent(true);
  const std::string agent = "agent";
  const Report report = ReportOf(batch, agent);
  ReportView view(report);
  const auto ancestors = view.Of(batch.events(0)).ancestors;
  REQUIRE(ancestors.size() == 1);
  CHECK(ancestors[0]->key() == "chain-1");
}

}  // namespace gatewatch::analyzer
