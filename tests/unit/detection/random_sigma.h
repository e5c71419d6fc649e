#ifndef GATEWATCH_TESTS_UNIT_DETECTION_RANDOM_SIGMA_H_
#define GATEWATCH_TESTS_UNIT_DETECTION_RANDOM_SIGMA_H_

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace gatewatch::detection {

// A text, or nothing: null in a rule, not there in an event.
using SigmaValue = std::optional<std::string>;

// The key of a map and its values: "f1|contains|all: ['a*', 'B']".
struct SigmaTest {
  size_t field = 0;
  std::string shape;  // "", "contains", "startswith", "endswith", "re", "re|i"
  bool cased = false, all = false, differs = false;
  std::vector<SigmaValue> values;
};

struct SigmaSelection {
  std::string name;
  // Of one of the maps all tests have to hold.
  std::vector<std::vector<SigmaTest>> maps;
  // Instead of maps.
  std::vector<std::string> keywords;
  bool all_keywords = false;
};

struct SigmaCondition {
  enum class Kind { kSelection, kOneOf, kAllOf, kNot, kAnd, kOr };
  Kind kind = Kind::kSelection;
  std::string name;                   // a selection's, or a pattern of names
  std::vector<SigmaCondition> parts;  // of kNot one, of kAnd and kOr any
};

struct SigmaRule {
  std::vector<SigmaSelection> selections;
  SigmaCondition condition;
  bool listed = false;  // an "or" is written as a list of conditions
};

// A document with this title, about JSON events.
std::string ToYaml(const SigmaRule& rule, const std::string& title);

// An event of the fields f0, f1 …
std::string ToJson(const std::vector<SigmaValue>& fields);

// Makes rules and events of a small world, in which they often meet: few
// fields, short texts of few letters. The same seed makes the same ones.
class RandomSigma {
 public:
  explicit RandomSigma(uint32_t seed) : random_(seed) {}

  // Texts for each field, some of them not there.
  std::vector<SigmaValue> Fields();
  // A JSON event whose fields may also be null, arrays or objects.
  std::string Event();

  // Alternatives of selections that have to hold together, some negated.
  SigmaRule FlatRule();
  // A rule of selections, keywords among them, and a condition that nests.
  SigmaRule Rule();

  size_t Below(size_t limit);
  bool OneIn(size_t count) { return Below(count) == 0; }
  template <typename T>
  void Shuffle(std::vector<T>& items) {
    for (size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[Below(i)]);
    }
  }

 private:
  std::string Text(size_t longest);
  std::string Pattern();
  SigmaTest Test(size_t field);
  std::vector<SigmaTest> Map();
  SigmaSelection Selection(std::string name);
  SigmaCondition Condition(const SigmaRule& rule, int depth);

  std::mt19937 random_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_TESTS_UNIT_DETECTION_RANDOM_SIGMA_H_
