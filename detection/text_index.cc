#include "detection/text_index.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"

namespace gatewatch::detection {
namespace {

using How = TextPattern::How;
using Ids = std::vector<uint32_t>;
using IdsByText = absl::flat_hash_map<std::string, Ids>;

std::vector<std::string> Texts(const IdsByText& ids) {
  std::vector<std::string> texts;
  for (const auto& [text, unused] : ids) texts.push_back(text);
  return texts;
}

std::vector<Ids> InOrder(const std::vector<std::string>& texts,
                         IdsByText& ids) {
  std::vector<Ids> ordered;
  for (const std::string& text : texts) ordered.push_back(std::move(ids[text]));
  return ordered;
}

void Append(const Ids& more, Ids& ids) {
  ids.insert(ids.end(), more.begin(), more.end());
}

// By bytes of ASCII, which the compiler can do many at a time.
void Lower(absl::string_view text, std::string& lower) {
  lower.assign(text.data(), text.size());
  for (char& c : lower) {
    c = static_cast<char>(c | (c >= 'A' && c <= 'Z' ? 0x20 : 0));
  }
}

}  // namespace

TextIndex::TextIndex(std::vector<Entry> entries) {
  ignore_case_ =
      std::any_of(entries.begin(), entries.end(),
                  [](const Entry& entry) { return entry.pattern.ignore_case; });
  IdsByText prefixes, suffixes, parts;
  for (Entry& entry : entries) {
    std::string& text = entry.pattern.text;
    if (ignore_case_) absl::AsciiStrToLower(&text);
    const How how = entry.pattern.how;
    IdsByText& ids = how == How::kEqual    ? equal_
                     : how == How::kPrefix ? prefixes
                     : how == How::kSuffix ? suffixes
                                           : parts;
    ids[std::move(text)].push_back(entry.id);
  }
  prefixes_ = AffixSet(AffixSet::End::kFront, Texts(prefixes));
  suffixes_ = AffixSet(AffixSet::End::kBack, Texts(suffixes));
  parts_ = PartScanner(Texts(parts));
  prefix_ids_ = InOrder(prefixes_.texts(), prefixes);
  suffix_ids_ = InOrder(suffixes_.texts(), suffixes);
  part_ids_ = InOrder(parts_.texts(), parts);
}

void TextIndex::Find(absl::string_view text, Scratch& scratch,
                     std::vector<uint32_t>& ids) const {
  if (ignore_case_) {
    Lower(text, scratch.lower);
    text = scratch.lower;
  }
  if (!equal_.empty()) {
    const auto equal = equal_.find(text);
    if (equal != equal_.end()) Append(equal->second, ids);
  }
  for (size_t i = prefixes_.Find(text); i != AffixSet::kNone;
       i = prefixes_.Next(i)) {
    Append(prefix_ids_[i], ids);
  }
  for (size_t i = suffixes_.Find(text); i != AffixSet::kNone;
       i = suffixes_.Next(i)) {
    Append(suffix_ids_[i], ids);
  }
  scratch.parts.clear();
  parts_.Find(text, scratch.parts);
  for (const size_t part : scratch.parts) Append(part_ids_[part], ids);
}

}  // namespace gatewatch::detection
