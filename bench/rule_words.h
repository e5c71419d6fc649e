#ifndef GATEWATCH_BENCH_RULE_WORDS_H_
#define GATEWATCH_BENCH_RULE_WORDS_H_

#include <cstddef>
#include <random>
#include <string>

namespace gatewatch::bench {

// What made-up rules are about.
class RuleWords {
 public:
  // The text with words put in: $N is a program, $P a path, $W a word of a
  // command line, $D a name in the DNS, $A an address; each occurrence is
  // another one. Of a tenth of the texts, the programs and paths are those that
  // every system is full of.
  std::string Fill(const char* text);

  // One of the rows, as often as its `share` of all says.
  template <typename Row, size_t kCount>
  const Row& Chosen(const Row (&rows)[kCount]) {
    int shares = 0;
    for (const Row& row : rows) shares += row.share;
    int share = static_cast<int>(Below(static_cast<size_t>(shares)));
    const Row* chosen = rows;
    while (share >= chosen->share) share -= (chosen++)->share;
    return *chosen;
  }

 private:
  size_t Below(size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(random_);
  }
  std::string Word(char kind);

  std::mt19937 random_{4};
  bool common_ = false;
};

}  // namespace gatewatch::bench

#endif  // GATEWATCH_BENCH_RULE_WORDS_H_
