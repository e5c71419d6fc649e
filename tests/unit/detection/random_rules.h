#ifndef GATEWATCH_TESTS_UNIT_DETECTION_RANDOM_RULES_H_
#define GATEWATCH_TESTS_UNIT_DETECTION_RANDOM_RULES_H_

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gatewatch/v1/event.pb.h"

namespace gatewatch::detection {

// Makes conditions and events of a small world, in which they often meet: few
// fields, few names, texts that are parts of each other. The same seed makes
// the same ones.
class RandomRules {
 public:
  explicit RandomRules(uint32_t seed) : random_(seed) {}

  // In the rule language, nested at most `depth` deep.
  std::string Condition(int depth);
  v1::EventRecord Event();

 private:
  size_t Below(size_t limit);
  bool OneIn(size_t count) { return Below(count) == 0; }
  template <typename T>
  const T& OneOf(const std::vector<T>& choices) {
    return choices[Below(choices.size())];
  }

  std::string Comparison();
  std::string TextComparison();
  std::string List(absl::string_view kind);
  // A path or name, whole or a piece of one, in any case.
  std::string Text();
  std::string Path();
  void Fill(v1::Process& process);

  std::mt19937 random_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_TESTS_UNIT_DETECTION_RANDOM_RULES_H_
