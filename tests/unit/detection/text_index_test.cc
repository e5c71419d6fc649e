#include "detection/text_index.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::detection {
namespace {

using How = TextPattern::How;
using Ids = std::vector<uint32_t>;

Ids Found(const TextIndex& index, const std::string& text) {
  TextIndex::Scratch scratch;
  Ids ids;
  index.Find(text, scratch, ids);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

TEST_CASE("an affix set leads from the longest match to all shorter ones") {
  const AffixSet set(AffixSet::End::kFront,
                     {"/", "/etc", "/etc/a", "/etc/b", "/usr", "", "/etcx"});
  std::vector<std::string> found;
  for (size_t i = set.Find("/etc/bz"); i != AffixSet::kNone; i = set.Next(i)) {
    found.push_back(set.texts()[i]);
  }
  CHECK(found == std::vector<std::string>{"/etc/b", "/etc", "/", ""});
}

TEST_CASE("an affix set finds suffixes the same way") {
  const AffixSet set(AffixSet::End::kBack, {".so", "x.so", "o", ".a", "yx.so"});
  std::vector<std::string> found;
  for (size_t i = set.Find("libx.so"); i != AffixSet::kNone; i = set.Next(i)) {
    found.push_back(set.texts()[i]);
  }
  CHECK(found == std::vector<std::string>{"x.so", ".so", "o"});
  CHECK(set.Find("lib") == AffixSet::kNone);
}

TEST_CASE("bytes beyond ASCII sort the same at both ends of a set") {
  for (const auto end : {AffixSet::End::kFront, AffixSet::End::kBack}) {
    const AffixSet set(end, {"\xff", "a", "\x80", "\x7f"});
    for (const char* text : {"\xff", "a", "\x80", "\x7f"}) {
      const size_t found = set.Find(text);
      REQUIRE(found != AffixSet::kNone);
      CHECK(set.texts()[found] == text);
    }
  }
}

TEST_CASE("a part is found wherever it stands") {
  const PartScanner scanner({"abc", "bcd", "abcabc", "zzz"});
  std::vector<size_t> found;
  scanner.Find("xabcabcd", found);
  std::vector<std::string> texts;
  for (const size_t i : found) texts.push_back(scanner.texts()[i]);
  std::sort(texts.begin(), texts.end());
  CHECK(texts == std::vector<std::string>{"abc", "abc", "abcabc", "bcd"});
}

TEST_CASE("an index finds by whole text, beginning, end and part") {
  const TextIndex index({{{How::kEqual, "/etc/shadow"}, 1},
                         {{How::kPrefix, "/etc/"}, 2},
                         {{How::kSuffix, "shadow"}, 3},
                         {{How::kPart, "c/s"}, 4},
                         {{How::kPart, "shadows"}, 5},
                         {{How::kEqual, "/etc/shadow"}, 6}});
  CHECK(Found(index, "/etc/shadow") == Ids{1, 2, 3, 4, 6});
  CHECK(Found(index, "/ETC/SHADOW").empty());
  CHECK(Found(index, "").empty());
}

TEST_CASE("an index that has to ignore case finds at least what it should") {
  const TextIndex index(
      {{{How::kPart, "Shadow", true}, 1}, {{How::kEqual, "/X"}, 2}});
  CHECK(Found(index, "/etc/SHADOW") == Ids{1});
  CHECK(Found(index, "/X") == Ids{2});
}

TEST_CASE("an index agrees with a look at each pattern") {
  // Texts of two letters, so that they are parts of each other everywhere.
  const auto text_of = [](size_t number) {
    std::string text;
    for (; number > 1; number /= 2) text += number % 2 == 0 ? 'a' : 'b';
    return text;
  };
  std::vector<TextIndex::Entry> entries;
  for (uint32_t i = 8; i < 128; i += 3) {
    const auto how = static_cast<How>(i % 4);
    entries.push_back({{how, text_of(i), false}, i});
  }
  const TextIndex index(entries);
  for (size_t i = 1; i < 512; ++i) {
    const std::string text = text_of(i);
    Ids expected;
    for (const auto& [pattern, id] : entries) {
      const bool fulfils =
          pattern.how == How::kEqual    ? text == pattern.text
          : pattern.how == How::kPrefix ? absl::StartsWith(text, pattern.text)
          : pattern.how == How::kSuffix ? absl::EndsWith(text, pattern.text)
                                        : absl::StrContains(text, pattern.text);
      if (fulfils) expected.push_back(id);
    }
    CHECK(Found(index, text) == expected);
  }
}

}  // namespace
}  // namespace gatewatch::detection
