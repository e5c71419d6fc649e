#include "detection/list_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "detection/value.h"

namespace gatewatch::detection {
namespace {

constexpr size_t kMaxBytes = 16 << 20;
constexpr size_t kMaxValues = 250'000;
constexpr size_t kMaxValueBytes = 1024;
constexpr size_t kMaxErrors = 10;  // of one file, which may be wrong all over
constexpr size_t kHashDigits = 64;
constexpr size_t kMaxDomainBytes = 253;

// The present writing of a value; false: it is not of the kind.
using Normalize = bool (*)(std::string& value);

bool NormalizeAddress(std::string& value) {
  return AddressBlock::Parse(value).has_value();
}

bool NormalizeHash(std::string& value) {
  absl::AsciiStrToLower(&value);
  return value.size() == kHashDigits &&
         std::all_of(value.begin(), value.end(), [](char c) {
           return absl::ascii_isxdigit(static_cast<unsigned char>(c));
         });
}

bool NormalizeDomain(std::string& value) {
  absl::AsciiStrToLower(&value);
  if (absl::string_view rest = value; absl::ConsumeSuffix(&rest, ".")) {
    value.resize(rest.size());
  }
  if (value.empty() || value.size() > kMaxDomainBytes) return false;
  if (NormalizeAddress(value)) return false;
  bool dotted = false;
  for (const absl::string_view label : absl::StrSplit(value, '.')) {
    dotted |= label.size() < value.size();
    if (label.empty()) return false;
    for (const char c : label) {
      const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                         c == '-' || c == '_';
      if (!plain) return false;
    }
  }
  return dotted;
}

struct Kind {
  const char* name;  // with its article
  Normalize normalize;
};
// A value may be of several: the first counts.
constexpr Kind kKinds[] = {
    {"an address or address block", NormalizeAddress},
    {"a SHA-256 hash", NormalizeHash},
    {"a domain", NormalizeDomain},
};

// Null: of no particular kind, or of several.
const Kind* KindOf(const std::vector<std::string>& values) {
  if (values.empty()) return nullptr;
  for (const Kind& kind : kKinds) {
    if (std::all_of(values.begin(), values.end(), [&kind](std::string value) {
          return kind.normalize(value);
        })) {
      return &kind;
    }
  }
  return nullptr;
}

// What is wrong with a value; empty: nothing. Brings it into its present
// writing.
std::string ProblemWith(std::string& value, const Kind* kind) {
  if (value.size() > kMaxValueBytes) return "a value has at most 1024 bytes";
  for (const char c : value) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      return "a value has no control bytes";
    }
  }
  const std::string written = value;
  if (kind == nullptr || kind->normalize(value)) return "";
  return absl::StrCat("\"", written, "\" is not ", kind->name);
}

}  // namespace

void ReadListFile(const RuleSource& source, Definitions& definitions,
                  std::vector<std::string>& errors) {
  const auto fail = [&](size_t line, absl::string_view what) {
    errors.push_back(absl::StrCat(source.name, ":", line, ": ", what));
  };
  const auto list = definitions.lists.find(source.list);
  if (list == definitions.lists.end()) {
    return fail(1, absl::StrCat("no rule file defines a list ", source.list));
  }
  if (source.text.size() > kMaxBytes) return fail(1, "larger than 16 MiB");
  const size_t errors_before = errors.size();
  const Kind* const kind = KindOf(list->second.items);
  std::vector<std::string> values;
  size_t line = 0;
  for (const absl::string_view text : absl::StrSplit(source.text, '\n')) {
    ++line;
    std::string value(absl::StripAsciiWhitespace(text));
    if (value.empty() || value[0] == '#') continue;
    if (values.size() == kMaxValues) {
      fail(line, "more than 250000 values");
      break;
    }
    if (const std::string problem = ProblemWith(value, kind);
        !problem.empty()) {
      fail(line, problem);
      if (errors.size() - errors_before == kMaxErrors) break;
    }
    values.push_back(std::move(value));
  }
  if (errors.size() == errors_before) list->second.items = std::move(values);
}

}  // namespace gatewatch::detection
