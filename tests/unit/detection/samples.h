#ifndef GATEWATCH_TESTS_UNIT_DETECTION_SAMPLES_H_
#define GATEWATCH_TESTS_UNIT_DETECTION_SAMPLES_H_

#include <string>

#include "absl/status/statusor.h"
#include "detection/rule_set.h"
#include "gatewatch/v1/event.pb.h"

namespace gatewatch::detection {

// A record from protobuf's text format; fails the test case when it is none.
v1::EventRecord Record(const std::string& text);

// nginx (4242, uid 33) runs `sh -c "id; ls"` in a container of an ECS task;
// its ancestors are nginx, supervisord and tini.
v1::EventRecord ShellExec();

// That shell does what protobuf's text format says of an Event.
v1::EventRecord ShellDoes(const std::string& event);

// That shell opens /etc/shadow to read it, and gets descriptor 5.
v1::EventRecord ShadowOpen();

// That shell connects from 10.0.0.5:40000 to 169.254.170.2:80.
v1::EventRecord Connect();

// That shell connects from [fd00::5]:40000 to [2001:db8::1]:443.
v1::EventRecord Connect6();

// Whether the condition holds for the record; fails the test case when it
// does not parse.
bool Holds(const std::string& condition, const v1::EventRecord& record);

// What is wrong with a condition; empty when nothing is.
std::string ConditionError(const std::string& condition);

using Loaded = absl::StatusOr<std::unique_ptr<const RuleSet>>;

// Loads one file named "rules.yaml".
Loaded LoadText(const std::string& text);

// The names of the rules that a record fires.
std::vector<std::string> FiredBy(const RuleSet& rules,
                                 const v1::EventRecord& record);

// A complete rule with this name and condition, as YAML.
std::string RuleText(const std::string& name, const std::string& condition);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_TESTS_UNIT_DETECTION_SAMPLES_H_
