#include "tests/unit/detection/sigma_rewriting.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace gatewatch::detection {
namespace {

using Kind = SigmaCondition::Kind;

// A rule that grew to this is left as it is.
constexpr size_t kPartLimit = 80;

bool IsChain(const SigmaCondition& at) {
  return at.kind == Kind::kAnd || at.kind == Kind::kOr;
}
Kind OtherChain(Kind kind) {
  return kind == Kind::kAnd ? Kind::kOr : Kind::kAnd;
}

SigmaCondition Not(SigmaCondition part) {
  return {Kind::kNot, {}, {std::move(part)}};
}

void CollectParts(SigmaCondition& at, std::vector<SigmaCondition*>& all) {
  all.push_back(&at);
  for (SigmaCondition& part : at.parts) CollectParts(part, all);
}

bool IsOneTest(const SigmaSelection& selection) {
  return selection.maps.size() == 1 && selection.maps[0].size() == 1;
}

SigmaSelection OfTest(SigmaTest test) { return {{}, {{std::move(test)}}, {}}; }

SigmaTest WithValue(const SigmaTest& test, const SigmaValue& value) {
  SigmaTest one = test;
  one.values = {value};
  return one;
}

// Whether the values are patterns, which regular expressions are not.
bool HasPatterns(const SigmaTest& test) {
  return !absl::StartsWith(test.shape, "re");
}

bool IsLiteral(const SigmaValue& value) {
  return value && value->find_first_of("*?") == value->npos;
}

}  // namespace

const SigmaRewriting::Row SigmaRewriting::kLaws[] = {
    {"a = not not a", &SigmaRewriting::NegateTwice},
    {"a and b = not (not a or not b)", &SigmaRewriting::Deny},
    {"a and b = b and a", &SigmaRewriting::Commute},
    {"a and b and c = a and (b and c)", &SigmaRewriting::Associate},
    {"a and (b and c) = a and b and c", &SigmaRewriting::Flatten},
    {"a and (b or c) = a and b or a and c", &SigmaRewriting::Distribute},
    {"a = a and (a or b)", &SigmaRewriting::Absorb},
    {"a = a and a", &SigmaRewriting::Repeat},
    {"1 of a* = a1 or a2", &SigmaRewriting::SpellPattern},
    {"a1 or a2 = 1 of a*", &SigmaRewriting::MakePattern},
    {"a or b = [a, b]", &SigmaRewriting::List},
    {"a selection = the same of another name", &SigmaRewriting::Copy},
    {"maps, keys, values = all or one of selections", &SigmaRewriting::Split},
    {"neq = not", &SigmaRewriting::SplitLast},
    {"a key's values = maps with one each", &SigmaRewriting::MultiplyOut},
    {"a text = the same in another case", &SigmaRewriting::ChangeCase},
    {"maps, keys, values = the same in another order",
     &SigmaRewriting::ReorderSelection},
    {"contains x = *x*", &SigmaRewriting::WriteWildcards},
    {"endswith x = re x$", &SigmaRewriting::WriteRegex},
};

SigmaRule SigmaRewriting::Rewritten(const SigmaRule& rule) {
  rule_ = rule;
  names_ = 0;
  for (size_t left = 3 + random_.Below(8); left > 0; --left) {
    std::vector<SigmaCondition*> parts;
    CollectParts(rule_.condition, parts);
    if (parts.size() > kPartLimit) break;
    random_.Shuffle(parts);
    const Row& row = kLaws[random_.Below(std::size(kLaws))];
    const auto applies = [&](SigmaCondition* at) {
      return (this->*row.law)(*at);
    };
    const bool applied = std::any_of(parts.begin(), parts.end(), applies);
    uses_[row.name] += applied ? 1 : 0;
  }
  return std::exchange(rule_, {});
}

std::map<std::string, size_t> SigmaRewriting::uses() const {
  std::map<std::string, size_t> uses = uses_;
  for (const Row& row : kLaws) uses[row.name] += 0;
  return uses;
}

// --- conditions --------------------------------------------------------------

bool SigmaRewriting::NegateTwice(SigmaCondition& at) {
  if (at.kind == Kind::kNot && at.parts[0].kind == Kind::kNot) {
    SigmaCondition inner = std::move(at.parts[0].parts[0]);
    at = std::move(inner);
  } else {
    at = Not(Not(std::move(at)));
  }
  return true;
}

bool SigmaRewriting::Deny(SigmaCondition& at) {
  if (!IsChain(at)) return false;
  for (SigmaCondition& part : at.parts) part = Not(std::move(part));
  at.kind = OtherChain(at.kind);
  at = Not(std::move(at));
  return true;
}

bool SigmaRewriting::Commute(SigmaCondition& at) {
  if (!IsChain(at)) return false;
  random_.Shuffle(at.parts);
  return true;
}

bool SigmaRewriting::Associate(SigmaCondition& at) {
  if (!IsChain(at) || at.parts.size() < 3) return false;
  const auto cut =
      at.parts.begin() + 1 +
      static_cast<std::ptrdiff_t>(random_.Below(at.parts.size() - 2));
  SigmaCondition rest{
      at.kind,
      {},
      {std::make_move_iterator(cut), std::make_move_iterator(at.parts.end())}};
  at.parts.erase(cut, at.parts.end());
  at.parts.push_back(std::move(rest));
  return true;
}

bool SigmaRewriting::Flatten(SigmaCondition& at) {
  const auto nests = [&](const SigmaCondition& part) {
    return part.kind == at.kind;
  };
  if (!IsChain(at) || std::none_of(at.parts.begin(), at.parts.end(), nests)) {
    return false;
  }
  std::vector<SigmaCondition> flat;
  for (SigmaCondition& part : at.parts) {
    if (nests(part)) {
      std::move(part.parts.begin(), part.parts.end(), std::back_inserter(flat));
    } else {
      flat.push_back(std::move(part));
    }
  }
  at.parts = std::move(flat);
  return true;
}

// Over the first part that is a chain of the other kind.
bool SigmaRewriting::Distribute(SigmaCondition& at) {
  if (!IsChain(at)) return false;
  const Kind other = OtherChain(at.kind);
  const auto chain = std::find_if(
      at.parts.begin(), at.parts.end(),
      [&](const SigmaCondition& part) { return part.kind == other; });
  if (chain == at.parts.end()) return false;
  SigmaCondition whole{other, {}, {}};
  for (const SigmaCondition& alternative : chain->parts) {
    SigmaCondition& part = whole.parts.emplace_back(at);
    part.parts[static_cast<size_t>(chain - at.parts.begin())] = alternative;
  }
  at = std::move(whole);
  return true;
}

bool SigmaRewriting::Absorb(SigmaCondition& at) {
  const SigmaSelection& any =
      rule_.selections[random_.Below(rule_.selections.size())];
  const Kind outer = random_.OneIn(2) ? Kind::kAnd : Kind::kOr;
  SigmaCondition inner{
      OtherChain(outer), {}, {at, {Kind::kSelection, any.name, {}}}};
  at = {outer, {}, {std::move(at), std::move(inner)}};
  return true;
}

bool SigmaRewriting::Repeat(SigmaCondition& at) {
  const SigmaCondition same = at;
  at = {random_.OneIn(2) ? Kind::kAnd : Kind::kOr, {}, {same, same}};
  return true;
}

bool SigmaRewriting::SpellPattern(SigmaCondition& at) {
  if (at.kind != Kind::kOneOf && at.kind != Kind::kAllOf) return false;
  const bool them = at.name == "them";
  const std::string start = at.name.substr(0, at.name.find('*'));
  SigmaCondition spelled{
      at.kind == Kind::kOneOf ? Kind::kOr : Kind::kAnd, {}, {}};
  for (const SigmaSelection& each : rule_.selections) {
    if (them ? each.name[0] == '_' : !absl::StartsWith(each.name, start)) {
      continue;
    }
    spelled.parts.push_back({Kind::kSelection, each.name, {}});
  }
  at = std::move(spelled);
  return true;
}

// Copies the selections under names that have a pattern of their own.
bool SigmaRewriting::MakePattern(SigmaCondition& at) {
  if (!IsChain(at)) return false;
  std::vector<SigmaSelection> selections;
  for (const SigmaCondition& part : at.parts) {
    if (part.kind != Kind::kSelection) return false;
    selections.push_back(*Find(part.name));
  }
  const std::string name = NewName();
  for (size_t i = 0; i < selections.size(); ++i) {
    selections[i].name = absl::StrCat(name, i);
    rule_.selections.push_back(std::move(selections[i]));
  }
  at = {at.kind == Kind::kOr ? Kind::kOneOf : Kind::kAllOf,
        absl::StrCat(name, "*"),
        {}};
  return true;
}

bool SigmaRewriting::List(SigmaCondition& at) {
  if (&at != &rule_.condition || at.kind != Kind::kOr) return false;
  rule_.listed = !rule_.listed;
  return true;
}

// --- selections --------------------------------------------------------------

bool SigmaRewriting::Copy(SigmaCondition& at) {
  if (at.kind != Kind::kSelection) return false;
  at = Add(*Find(at.name));
  return true;
}

bool SigmaRewriting::Split(SigmaCondition& at) {
  if (at.kind != Kind::kSelection) return false;
  const SigmaSelection& whole = *Find(at.name);
  std::vector<SigmaSelection> parts;
  bool all = false;
  if (whole.keywords.size() > 1) {
    all = whole.all_keywords;
    for (const std::string& word : whole.keywords) {
      parts.push_back({{}, {}, {word}, random_.OneIn(2)});
    }
  } else if (whole.maps.size() > 1) {
    for (const auto& map : whole.maps) parts.push_back({{}, {map}, {}});
  } else if (IsOneTest(whole)) {
    const SigmaTest& test = whole.maps[0][0];
    all = test.all || test.differs;  // neq of a list is none of it
    for (const SigmaValue& value : test.values) {
      parts.push_back(OfTest(WithValue(test, value)));
    }
  } else if (!whole.maps.empty()) {
    all = true;
    for (const SigmaTest& test : whole.maps[0]) parts.push_back(OfTest(test));
  }
  if (parts.size() < 2) return false;
  at = Several(std::move(parts), all);
  return true;
}

bool SigmaRewriting::SplitLast(SigmaCondition& at) {
  if (at.kind != Kind::kSelection) return false;
  SigmaSelection part = *Find(at.name);
  if (!IsOneTest(part) || !part.maps[0][0].differs) return false;
  part.maps[0][0].differs = false;
  part.maps[0][0].all = false;
  at = Not(Add(std::move(part)));
  return true;
}

bool SigmaRewriting::MultiplyOut(SigmaCondition& at) {
  SigmaTest* const test = SomeTest(at);
  if (test == nullptr || test->all || test->differs) return false;
  SigmaSelection& selection = *Find(at.name);
  const std::vector<SigmaTest> first = selection.maps[0];
  const std::vector<SigmaValue> values = test->values;
  const auto place = static_cast<size_t>(test - selection.maps[0].data());
  selection.maps.erase(selection.maps.begin());
  for (const SigmaValue& value : values) {
    selection.maps.push_back(first);
    selection.maps.back()[place].values = {value};
  }
  return true;
}

bool SigmaRewriting::ChangeCase(SigmaCondition& at) {
  SigmaSelection* const selection =
      at.kind == Kind::kSelection ? Find(at.name) : nullptr;
  if (selection == nullptr) return false;
  const bool upper = random_.OneIn(2);
  const auto change = [upper](std::string& text) {
    text = upper ? absl::AsciiStrToUpper(text) : absl::AsciiStrToLower(text);
  };
  for (std::string& word : selection->keywords) change(word);
  for (std::vector<SigmaTest>& map : selection->maps) {
    for (SigmaTest& test : map) {
      if (test.cased || test.shape == "re") continue;
      for (SigmaValue& value : test.values) {
        if (value) change(*value);
      }
    }
  }
  return true;
}

bool SigmaRewriting::ReorderSelection(SigmaCondition& at) {
  SigmaSelection* const selection =
      at.kind == Kind::kSelection ? Find(at.name) : nullptr;
  if (selection == nullptr) return false;
  random_.Shuffle(selection->maps);
  random_.Shuffle(selection->keywords);
  for (std::vector<SigmaTest>& map : selection->maps) {
    random_.Shuffle(map);
    for (SigmaTest& test : map) {
      test.values.push_back(test.values[0]);  // twice is once
      random_.Shuffle(test.values);
    }
  }
  return true;
}

bool SigmaRewriting::WriteWildcards(SigmaCondition& at) {
  SigmaTest* const test = SomeTest(at);
  if (test == nullptr || !HasPatterns(*test)) return false;
  const std::string shape = std::exchange(test->shape, "");
  for (SigmaValue& value : test->values) {
    if (!value) continue;
    if (shape == "contains" || shape == "endswith") *value = "*" + *value;
    if (shape == "contains" || shape == "startswith") *value += "*";
  }
  return !shape.empty();
}

bool SigmaRewriting::WriteRegex(SigmaCondition& at) {
  SigmaTest* const test = SomeTest(at);
  if (test == nullptr || !HasPatterns(*test) ||
      !std::all_of(test->values.begin(), test->values.end(), IsLiteral)) {
    return false;
  }
  const std::string shape = std::exchange(test->shape, "re");
  if (!test->cased) test->shape = "re|i";
  test->cased = false;
  for (SigmaValue& value : test->values) {
    *value = absl::StrReplaceAll(*value, {{".", "\\."}});
    if (shape.empty() || shape == "startswith") *value = "^" + *value;
    if (shape.empty() || shape == "endswith") *value += "$";
  }
  return true;
}

// --- names -------------------------------------------------------------------

SigmaSelection* SigmaRewriting::Find(absl::string_view name) {
  return &*std::find_if(
      rule_.selections.begin(), rule_.selections.end(),
      [&](const SigmaSelection& each) { return each.name == name; });
}

SigmaTest* SigmaRewriting::SomeTest(SigmaCondition& at) {
  if (at.kind != Kind::kSelection) return nullptr;
  SigmaSelection& selection = *Find(at.name);
  if (selection.maps.empty()) return nullptr;
  std::vector<SigmaTest>& map = selection.maps[0];
  return &map[random_.Below(map.size())];
}

std::string SigmaRewriting::NewName() {
  return absl::StrCat("_n", names_++, "_");
}

SigmaCondition SigmaRewriting::Add(SigmaSelection selection) {
  selection.name = NewName();
  rule_.selections.push_back(std::move(selection));
  return {Kind::kSelection, rule_.selections.back().name, {}};
}

SigmaCondition SigmaRewriting::Several(std::vector<SigmaSelection> selections,
                                       bool all) {
  SigmaCondition several{all ? Kind::kAnd : Kind::kOr, {}, {}};
  for (SigmaSelection& selection : selections) {
    several.parts.push_back(Add(std::move(selection)));
  }
  return several;
}

}  // namespace gatewatch::detection
