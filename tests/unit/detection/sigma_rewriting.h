#ifndef GATEWATCH_TESTS_UNIT_DETECTION_SIGMA_REWRITING_H_
#define GATEWATCH_TESTS_UNIT_DETECTION_SIGMA_REWRITING_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/unit/detection/random_sigma.h"

namespace gatewatch::detection {

// Writes rules in other ways that mean the same, by laws drawn at random.
class SigmaRewriting {
 public:
  explicit SigmaRewriting(RandomSigma& random) : random_(random) {}

  // Applies several laws, one after the other.
  SigmaRule Rewritten(const SigmaRule& rule);

  // How often each law was applied; each that there is has an entry.
  std::map<std::string, size_t> uses() const;

 private:
  using Law = bool (SigmaRewriting::*)(SigmaCondition& at);
  struct Row {
    const char* name;
    Law law;
  };
  static const Row kLaws[];

  // Each rewrites the condition, or the selection that it names, or says that
  // it cannot and changes nothing.
  bool NegateTwice(SigmaCondition& at);
  bool Deny(SigmaCondition& at);
  bool Commute(SigmaCondition& at);
  bool Associate(SigmaCondition& at);
  bool Flatten(SigmaCondition& at);
  bool Distribute(SigmaCondition& at);
  bool Absorb(SigmaCondition& at);
  bool Repeat(SigmaCondition& at);
  bool SpellPattern(SigmaCondition& at);
  bool MakePattern(SigmaCondition& at);
  bool List(SigmaCondition& at);
  bool Copy(SigmaCondition& at);
  bool Split(SigmaCondition& at);
  bool SplitLast(SigmaCondition& at);
  bool MultiplyOut(SigmaCondition& at);
  bool ChangeCase(SigmaCondition& at);
  bool ReorderSelection(SigmaCondition& at);
  bool WriteWildcards(SigmaCondition& at);
  bool WriteRegex(SigmaCondition& at);

  SigmaSelection* Find(absl::string_view name);
  // The first test of the selection that is named; null: it has none.
  SigmaTest* SomeTest(SigmaCondition& at);
  // A name that no pattern of the rule's own covers.
  std::string NewName();
  SigmaCondition Add(SigmaSelection selection);
  // New selections, all or one of which have to hold.
  SigmaCondition Several(std::vector<SigmaSelection> selections, bool all);

  RandomSigma& random_;
  SigmaRule rule_;
  size_t names_ = 0;
  std::map<std::string, size_t> uses_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_TESTS_UNIT_DETECTION_SIGMA_REWRITING_H_
