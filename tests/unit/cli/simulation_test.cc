#include "cli/simulate/simulation.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>

#include "base/unique_fd.h"
#include "catch2/catch.hpp"
#include "cli/app.h"
#include "cli/temp_directory.h"
#include "detection/rule_set.h"
#include "gatewatch/v1/alert.pb.h"
#include "probes/host_support.h"
#include "proto/json.h"
#include "rules/shipped_rules.h"
#include "tests/support/skip.h"

namespace gatewatch::cli {
namespace {

std::string Gatewatch() {
  return std::string(std::getenv("GATEWATCH_BIN")) + "/gatewatch";
}

bool SeesPackets() {
  return UniqueFd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)).valid();
}

// The rules of the alerts among the lines of `text`.
std::set<std::string> RulesIn(const std::string& text) {
  std::set<std::string> rules;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    v1::Alert alert;
    if (FromJson(line, alert).ok()) rules.insert(alert.rule());
  }
  return rules;
}

}  // namespace

TEST_CASE("every shipped rule has a simulation, with its technique",
          "[cli][simulate]") {
  const auto rules = detection::RuleSet::Load(ShippedRules());
  REQUIRE(rules.ok());
  std::set<std::string> raised;
  for (const Simulation& simulation : Simulations()) {
    INFO(simulation.name);
    raised.insert(simulation.rule);
    const v1::Rule* rule = (*rules)->Find(simulation.rule);
    REQUIRE(rule != nullptr);
    const auto& tags = rule->tags();
    CHECK(std::count(tags.begin(), tags.end(), simulation.technique) == 1);
  }
  for (const v1::Rule& rule : (*rules)->rules()) {
    INFO(rule.name());
    // To kill the agent would not be harmless.
    CHECK(raised.count(rule.name()) == (rule.name() == "Agent silent" ? 0 : 1));
  }
}

TEST_CASE("every simulation can be performed and says what it does",
          "[cli][simulate]") {
  const std::string self = Gatewatch();
  const char* const lasting[] = {"/etc/ld.so.preload", "/etc/sudoers",
                                 "/etc/crontab",       "/etc/rsyslog.conf",
                                 "/etc/profile",       "/var/run/secrets"};
  std::vector<bool> before;
  for (const char* path : lasting) {
    before.push_back(std::filesystem::exists(path));
  }
  for (const Simulation& simulation : Simulations()) {
    const auto directory = TempDirectory::Create("gatewatch-test-");
    REQUIRE(directory.ok());
    std::ostringstream out;
    std::vector<UniqueFd> held;
    const absl::Status status =
        simulation.run({out, self, directory->path(), held});
    INFO(simulation.name << ": " << status);
    CHECK(status.ok());
    CHECK_THAT(out.str(), Catch::StartsWith("  ") && Catch::EndsWith("\n"));
  }
  for (size_t i = 0; i < before.size(); ++i) {
    INFO(lasting[i]);
    CHECK(std::filesystem::exists(lasting[i]) == before[i]);
  }
}

TEST_CASE("every simulation raises its rule", "[cli][simulate]") {
  for (const auto& choice : probes::ChooseRungs(probes::ProbeHost())) {
    if (choice.rung.empty()) return testing::Skip(choice.reason);
  }
  const bool packet = SeesPackets();
  const std::string self = Gatewatch();
  const char* const arguments[] = {"gatewatch", "run",  "-o",
                                   "json",      "--",   self.c_str(),
                                   "simulate",  "--all"};
  std::ostringstream out;
  std::ostringstream err;
  CHECK(RunApp(std::size(arguments), arguments, out, err) == 0);
  const std::set<std::string> raised = RulesIn(err.str());
  for (const Simulation& simulation : Simulations()) {
    INFO(simulation.name);
    const bool seen = simulation.needs != std::string("packet") || packet;
    if (seen) CHECK(raised.count(simulation.rule) == 1);
  }
}

}  // namespace gatewatch::cli
