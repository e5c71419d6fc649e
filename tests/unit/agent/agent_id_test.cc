#include "agent/agent_id.h"

#include "catch2/catch.hpp"

namespace gatewatch::agent {

TEST_CASE("an agent is called as its certificate says", "[agent]") {
  struct Row {
    std::vector<std::string> uris;
    const char* id;
  };
  const Row rows[] = {
      {{}, "ecs/abc-1"},
      {{"https://example.com/"}, "ecs/abc-1"},
      {{"gatewatch://analyst/alice"}, "ecs/abc-1"},
      {{"gatewatch://agent/web-1"}, "web-1"},
      {{"gatewatch://agent/*"}, "ecs/abc-1"},
      {{"gatewatch://agent/ecs/*"}, "ecs/abc-1"},
      {{"gatewatch://agent/prod/web/*"}, "prod/web/ecs/abc-1"},
      {{"gatewatch://agent/a", "gatewatch://agent/b"}, "ecs/abc-1"},
  };
  for (const Row& row : rows) {
    INFO(row.id);
    CHECK(AgentIdFor(row.uris, "ecs/abc-1") == row.id);
  }
}

}  // namespace gatewatch::agent
