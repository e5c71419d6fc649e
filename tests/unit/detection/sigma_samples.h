#ifndef GATEWATCH_TESTS_UNIT_DETECTION_SIGMA_SAMPLES_H_
#define GATEWATCH_TESTS_UNIT_DETECTION_SIGMA_SAMPLES_H_

#include <string>

namespace gatewatch::detection {

// A Sigma rule "T" about JSON events, of this detection as YAML.
std::string SigmaRuleOf(const std::string& detection);

// Whether a file of one rule, "T", fires for a JSON event. Fails the test case
// when one of them cannot be read, or when what says why a rule does not fire
// disagrees.
bool SigmaFires(const std::string& file, const std::string& event);

// Whether a rule of the selection {KEY: VALUE} alone does; VALUE is YAML.
bool SigmaHolds(const std::string& key, const std::string& value,
                const std::string& event);

// "STATUS: REASON" of the one rule of a file.
std::string SigmaStatusOf(const std::string& file);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_TESTS_UNIT_DETECTION_SIGMA_SAMPLES_H_
