#include "iac/edit/unified_diff.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"

namespace gatewatch::iac {
namespace {

constexpr size_t kContext = 3;
// More than that, and all lines are taken to differ: the price grows with the
// square of it.
constexpr long kMostEdits = 2000;

using Lines = std::vector<absl::string_view>;  // with their line breaks

Lines SplitLines(absl::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

// The lines [a, a_end) of one text give way to [b, b_end) of the other.
struct Change {
  size_t a = 0, a_end = 0, b = 0, b_end = 0;
};

// By the greedy algorithm of Myers: the shortest list of insertions and
// deletions, in time that grows with its length.
class Comparison {
 public:
  Comparison(const Lines& a, const Lines& b) : a_(a), b_(b) {}

  std::vector<Change> Changes() {
    std::vector<Frontier> history;
    Frontier frontier = {{1, 0}};
    for (long edits = 0; edits <= kMostEdits; ++edits) {
      history.push_back(frontier);
      for (long k = -edits; k <= edits; k += 2) {
        size_t x = StartOf(frontier, k, edits);
        while (x < a_.size() && x - k < b_.size() && a_[x] == b_[x - k]) ++x;
        frontier[k] = x;
        if (x >= a_.size() && x - k >= b_.size()) return Trace(history);
      }
    }
    return {{0, a_.size(), 0, b_.size()}};
  }

 private:
  // How far into `a` each diagonal (position in a - position in b) came.
  using Frontier = std::map<long, size_t>;

  // Whether a diagonal is reached by an insertion rather than a deletion.
  static bool FromAbove(const Frontier& frontier, long k, long edits) {
    return k == -edits ||
           (k != edits && frontier.at(k - 1) < frontier.at(k + 1));
  }

  static size_t StartOf(const Frontier& frontier, long k, long edits) {
    return FromAbove(frontier, k, edits) ? frontier.at(k + 1)
                                         : frontier.at(k - 1) + 1;
  }

  std::vector<Change> Trace(const std::vector<Frontier>& history) const {
    std::vector<Change> changes;
    size_t x = a_.size();
    long k = static_cast<long>(a_.size()) - static_cast<long>(b_.size());
    for (long edits = static_cast<long>(history.size()) - 1; edits > 0;
         --edits) {
      const Frontier& frontier = history[edits];
      const bool above = FromAbove(frontier, k, edits);
      const long from = above ? k + 1 : k - 1;
      x = frontier.at(from);
      const size_t y = x - from;
      Add({x, x + (above ? 0 : 1), y, y + (above ? 1 : 0)}, changes);
      k = from;
    }
    std::reverse(changes.begin(), changes.end());
    return changes;
  }

  // From the end to the beginning; what touches becomes one.
  static void Add(const Change& change, std::vector<Change>& changes) {
    if (!changes.empty() && changes.back().a == change.a_end &&
        changes.back().b == change.b_end) {
      changes.back().a = change.a;
      changes.back().b = change.b;
    } else {
      changes.push_back(change);
    }
  }

  const Lines& a_;
  const Lines& b_;
};

void WriteLines(char mark, const Lines& lines, size_t begin, size_t end,
                std::string& out) {
  for (size_t i = begin; i < end; ++i) {
    absl::StrAppend(&out, std::string(1, mark), lines[i]);
    if (lines[i].back() != '\n') out += "\n\\ No newline at end of file\n";
  }
}

std::string Range(size_t begin, size_t end) {
  return absl::StrCat(begin == end ? begin : begin + 1, ",", end - begin);
}

}  // namespace

std::string UnifiedDiff(absl::string_view name, absl::string_view before,
                        absl::string_view after) {
  const Lines a = SplitLines(before);
  const Lines b = SplitLines(after);
  const std::vector<Change> changes = Comparison(a, b).Changes();
  if (changes.empty()) return "";
  std::string out = absl::StrCat("--- ", name, "\n+++ ", name, "\n");
  for (size_t i = 0; i < changes.size();) {
    size_t last = i;  // of the hunk
    while (last + 1 < changes.size() &&
           changes[last + 1].a - changes[last].a_end <= 2 * kContext) {
      ++last;
    }
    const size_t lead = std::min(kContext, changes[i].a);
    const size_t a_end = std::min(a.size(), changes[last].a_end + kContext);
    const size_t b_end = changes[last].b_end + (a_end - changes[last].a_end);
    absl::StrAppend(&out, "@@ -", Range(changes[i].a - lead, a_end), " +",
                    Range(changes[i].b - lead, b_end), " @@\n");
    size_t at = changes[i].a - lead;
    for (; i <= last; ++i) {
      WriteLines(' ', a, at, changes[i].a, out);
      WriteLines('-', a, changes[i].a, changes[i].a_end, out);
      WriteLines('+', b, changes[i].b, changes[i].b_end, out);
      at = changes[i].a_end;
    }
    WriteLines(' ', a, at, a_end, out);
  }
  return out;
}

}  // namespace gatewatch::iac
