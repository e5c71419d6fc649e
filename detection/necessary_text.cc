#include "detection/necessary_text.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "re2/filtered_re2.h"

namespace gatewatch::detection {
namespace {

using How = TextPattern::How;
// Of one value on the right; empty: nothing is necessary.
using Patterns = std::vector<TextPattern>;

constexpr size_t kLeastPart = PartScanner::kLeast;
constexpr size_t kPatternLimit = 64;  // of a single expression

Patterns Part(absl::string_view text, bool ignore_case) {
  if (text.size() < kLeastPart) return {};
  return {{How::kPart, std::string(text), ignore_case}};
}

Patterns Equal(absl::string_view text, const Comparison& comparison) {
  std::string equal(text);
  if (comparison.left().type() == ValueType::kDecimal) return {};  // 5, 5.0
  if (comparison.left().type() == ValueType::kNumber) {
    const auto number = ParseNumber(text);
    if (!number) return {};
    equal = absl::StrCat(*number);
  } else if (comparison.left().type() == ValueType::kAddress) {
    const auto block = AddressBlock::Parse(text);
    if (!block || static_cast<size_t>(block->bits) < block->address.size() * 8)
      return {};
    equal = AddressText(block->address);
  }
  return {{How::kEqual, std::move(equal), false}};
}

Patterns Prefix(absl::string_view text, const Comparison&) {
  return {{How::kPrefix, std::string(text), false}};
}

Patterns Suffix(absl::string_view text, const Comparison&) {
  return {{How::kSuffix, std::string(text), false}};
}

Patterns EqualIgnoringCase(absl::string_view text, const Comparison&) {
  return {{How::kEqual, std::string(text), true}};
}

Patterns PrefixIgnoringCase(absl::string_view text, const Comparison&) {
  return {{How::kPrefix, std::string(text), true}};
}

Patterns SuffixIgnoringCase(absl::string_view text, const Comparison&) {
  return {{How::kSuffix, std::string(text), true}};
}

// The longest text of the pattern; with its place, where that is an end.
Patterns LikePattern(absl::string_view text, const Comparison& comparison) {
  const bool ignore_case = comparison.op() == Operator::kLikeIgnoringCase;
  const Like like(text);
  const auto& steps = like.steps();
  if (steps.empty()) return {{How::kEqual, "", ignore_case}};
  const auto longest = std::max_element(
      steps.begin(), steps.end(), [](const Like::Step& a, const Like::Step& b) {
        return a.text.size() < b.text.size();
      });
  if (longest->text.empty()) return {};
  const bool first = longest == steps.begin();
  const bool last = longest + 1 == steps.end();
  if (!first && !last) return Part(longest->text, ignore_case);
  const How how = first && last ? How::kEqual
                  : first       ? How::kPrefix
                                : How::kSuffix;
  return {{how, longest->text, ignore_case}};
}

Patterns Contained(absl::string_view text, const Comparison& comparison) {
  return Part(text, comparison.op() == Operator::kContainsIgnoringCase);
}

// The longest run of bytes that a glob takes literally.
absl::string_view LongestLiteral(absl::string_view glob) {
  // What stands in brackets is literal in none of its bytes, and a backslash
  // changes what follows: neither is worth the trouble.
  if (glob.find_first_of("[\\") != glob.npos) return "";
  absl::string_view longest;
  while (!glob.empty()) {
    const size_t end = std::min(glob.find_first_of("*?"), glob.size());
    if (end > longest.size()) longest = glob.substr(0, end);
    glob.remove_prefix(std::min(end + 1, glob.size()));
  }
  return longest;
}

Patterns Glob(absl::string_view text, const Comparison& comparison) {
  return Part(LongestLiteral(text),
              comparison.op() == Operator::kGlobIgnoringCase);
}

Patterns PathMatch(absl::string_view text, const Comparison&) {
  absl::string_view longest;
  while (!text.empty()) {
    const size_t end = std::min(text.find('/'), text.size());
    const absl::string_view literal = LongestLiteral(text.substr(0, end));
    if (literal.size() > longest.size()) longest = literal;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return Part(longest, false);
}

// RE2 knows texts of which an expression needs some, in lower case. One that
// it cannot do without is better than the choice of all.
Patterns Regex(absl::string_view text, const Comparison& comparison) {
  const auto is_ascii = [](absl::string_view bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x80;
    });
  };
  if (!is_ascii(text)) return {};
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_dot_nl(comparison.op() == Operator::kRegex);
  re2::FilteredRE2 filter(static_cast<int>(kLeastPart));
  int id = 0;
  if (filter.Add({text.data(), text.size()}, options, &id) != RE2::NoError) {
    return {};
  }
  std::vector<std::string> texts;
  filter.Compile(&texts);
  const bool usable = !texts.empty() && texts.size() <= kPatternLimit &&
                      std::all_of(texts.begin(), texts.end(), is_ascii);
  if (!usable) return {};
  Patterns patterns;
  for (size_t i = 0; i < texts.size(); ++i) {
    std::vector<int> others, possible;
    for (size_t j = 0; j < texts.size(); ++j) {
      if (j != i) others.push_back(static_cast<int>(j));
    }
    filter.AllPotentials(others, &possible);
    if (possible.empty()) return Part(texts[i], true);
    patterns.push_back({How::kPart, texts[i], true});
  }
  return patterns;
}

struct Row {
  Operator op;
  Patterns (*patterns)(absl::string_view text, const Comparison& comparison);
};
// The others need no text in particular.
constexpr Row kRows[] = {
    {Operator::kEqual, Equal},
    {Operator::kEqualIgnoringCase, EqualIgnoringCase},
    {Operator::kIn, Equal},
    {Operator::kIntersects, Equal},
    {Operator::kContains, Contained},
    {Operator::kContainsBytes, Contained},
    {Operator::kContainsIgnoringCase, Contained},
    {Operator::kStartsWith, Prefix},
    {Operator::kStartsWithBytes, Prefix},
    {Operator::kStartsWithIgnoringCase, PrefixIgnoringCase},
    {Operator::kEndsWith, Suffix},
    {Operator::kEndsWithIgnoringCase, SuffixIgnoringCase},
    {Operator::kGlob, Glob},
    {Operator::kGlobIgnoringCase, Glob},
    {Operator::kLike, LikePattern},
    {Operator::kLikeIgnoringCase, LikePattern},
    {Operator::kRegex, Regex},
    {Operator::kSearch, Regex},
    {Operator::kPathMatch, PathMatch},
};

// Fields that hold one of a few values, so that each of them is frequent.
constexpr absl::string_view kCommon[] = {
    "evt.type", "evt.dir",    "evt.res", "evt.failed", "evt.kind",
    "evt.is_",  "evt.rawres", "fd.type", "fd.l4proto", "fd.sockfamily",
    "proc.is_", "container.", "k8s.",    "user.",      "group.",
    "host.",    "ecs.",       "agent.",  "proc.tty",   "evt.count",
};
constexpr double kCommonChance = 0.5;
constexpr double kEqualChance = 0.01;

// Each byte of a pattern halves what is left, though not beyond what a whole
// value would leave.
double ChanceOf(const TextPattern& pattern) {
  if (pattern.how == How::kEqual) return kEqualChance;
  const double left = std::pow(0.5, static_cast<double>(pattern.text.size()));
  return std::max(left, kEqualChance / 2);
}

}  // namespace

NecessaryText NecessaryTextOf(const Comparison& comparison) {
  NecessaryText necessary;
  const auto* const row =
      std::find_if(std::begin(kRows), std::end(kRows),
                   [&](const Row& r) { return r.op == comparison.op(); });
  const auto literals = comparison.literals();
  if (row == std::end(kRows) || !literals || literals->empty()) {
    return necessary;
  }
  double chance = 0;
  for (const absl::string_view literal : *literals) {
    Patterns patterns = row->patterns(literal, comparison);
    // Nothing is known of one of several alternatives, so of the whole.
    if (patterns.empty()) return {};
    for (TextPattern& pattern : patterns) {
      chance += ChanceOf(pattern);
      necessary.any_of.push_back(std::move(pattern));
    }
    // All have to be there, so that one of them will do.
    if (comparison.quantifier() == Quantifier::kAllOf) break;
  }
  const bool common = std::any_of(
      std::begin(kCommon), std::end(kCommon), [&](absl::string_view prefix) {
        return absl::StartsWith(comparison.left_key(), prefix);
      });
  necessary.chance = std::min(common ? kCommonChance : chance, 0.9);
  return necessary;
}

}  // namespace gatewatch::detection
