#include "detection/narrowing.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "detection/field.h"
#include "detection/necessary_text.h"

namespace gatewatch::detection {
namespace {

using Node = CompiledCondition::Node;
using Names = absl::flat_hash_set<absl::string_view>;

// More alternatives than these are not worth looking up.
constexpr size_t kMaxPatterns = 1000;

// Fields of a container or a call; the other fields of the workload's table
// are the source's. One of them needs the event as well.
constexpr absl::string_view kContainerPrefix = "container.";
constexpr absl::string_view kNeedsEvent = "container.duration";
constexpr absl::string_view kCallFields[] = {"evt.type", "syscall.type"};

Names FieldsOf(KnownPart known) {
  Names names;
  for (const FieldRow& row : WorkloadFields()) {
    const bool of_container = absl::StartsWith(row.name, kContainerPrefix);
    if (row.name == kNeedsEvent) continue;
    if (!of_container || known == KnownPart::kOrigin) names.insert(row.name);
  }
  if (known == KnownPart::kOrigin) {
    names.insert(std::begin(kCallFields), std::end(kCallFields));
  }
  return names;
}

// The field on the left of a comparison; something that names no field where a
// function stands there.
absl::string_view FieldOf(const Comparison& comparison) {
  return absl::StripSuffix(comparison.left_key(), " exists");
}

enum class Truth { kNo, kPerhaps, kYes };

Truth Negated(Truth truth) {
  if (truth == Truth::kPerhaps) return truth;
  return truth == Truth::kNo ? Truth::kYes : Truth::kNo;
}

Truth TruthOf(const Node& node, const Names& known, const EventView& part) {
  switch (node.kind) {
    case Expression::Kind::kNot:
      return Negated(TruthOf(node.children[0], known, part));
    case Expression::Kind::kAnd: {
      Truth all = Truth::kYes;
      for (const Node& child : node.children) {
        all = std::min(all, TruthOf(child, known, part));
        if (all == Truth::kNo) break;
      }
      return all;
    }
    case Expression::Kind::kOr: {
      Truth any = Truth::kNo;
      for (const Node& child : node.children) {
        any = std::max(any, TruthOf(child, known, part));
        if (any == Truth::kYes) break;
      }
      return any;
    }
    case Expression::Kind::kComparison:
    case Expression::Kind::kMacro:
      break;
  }
  const Comparison& comparison = *node.comparison;
  if (!comparison.literals() || !known.contains(FieldOf(comparison))) {
    return Truth::kPerhaps;
  }
  return comparison.Matches(part) ? Truth::kYes : Truth::kNo;
}

// What may be necessary, and a guess how rare it is.
using Texts = std::optional<NecessaryText>;

Texts EitherOf(const std::vector<Node>& children, absl::string_view field);

Texts TextsOf(const Node& node, absl::string_view field) {
  if (node.kind == Expression::Kind::kOr) return EitherOf(node.children, field);
  if (node.kind == Expression::Kind::kAnd) {
    Texts best;
    for (const Node& child : node.children) {
      Texts texts = TextsOf(child, field);
      if (texts && (!best || texts->chance < best->chance)) {
        best = std::move(texts);
      }
    }
    return best;
  }
  if (node.comparison == nullptr || node.kind == Expression::Kind::kNot ||
      FieldOf(*node.comparison) != field) {
    return std::nullopt;
  }
  NecessaryText texts = NecessaryTextOf(*node.comparison);
  if (texts.any_of.empty()) return std::nullopt;
  return texts;
}

Texts EitherOf(const std::vector<Node>& children, absl::string_view field) {
  NecessaryText either{.any_of = {}, .chance = 0};
  for (const Node& child : children) {
    Texts texts = TextsOf(child, field);
    if (!texts) return std::nullopt;
    either.chance += texts->chance;
    std::move(texts->any_of.begin(), texts->any_of.end(),
              std::back_inserter(either.any_of));
    if (either.any_of.size() > kMaxPatterns) return std::nullopt;
  }
  return either;
}

}  // namespace

bool MayHold(const CompiledCondition& condition, KnownPart known,
             const EventView& part) {
  static const auto* const source = new Names(FieldsOf(KnownPart::kSource));
  static const auto* const origin = new Names(FieldsOf(KnownPart::kOrigin));
  return TruthOf(condition.root(),
                 known == KnownPart::kSource ? *source : *origin,
                 part) != Truth::kNo;
}

std::optional<std::vector<TextPattern>> NecessaryTexts(
    const CompiledCondition& condition, absl::string_view field) {
  Texts texts = TextsOf(condition.root(), field);
  if (!texts || texts->any_of.size() > kMaxPatterns) return std::nullopt;
  return std::move(texts->any_of);
}

bool Fulfils(absl::string_view text, const TextPattern& pattern) {
  switch (pattern.how) {
    case TextPattern::How::kEqual:
      return text == pattern.text;
    case TextPattern::How::kPrefix:
      return absl::StartsWith(text, pattern.text);
    case TextPattern::How::kSuffix:
      return absl::EndsWith(text, pattern.text);
    case TextPattern::How::kPart:
      return pattern.ignore_case
                 ? absl::StrContains(absl::AsciiStrToLower(text),
                                     absl::AsciiStrToLower(pattern.text))
                 : absl::StrContains(text, pattern.text);
  }
  return true;
}

}  // namespace gatewatch::detection
