#include "agent/redaction.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/redaction_patterns.h"
#include "base/status.h"

namespace gatewatch::agent {
namespace {

constexpr absl::string_view kMark = "[REDACTED:";
constexpr int kMaxGroups = 4;  // the whole match and up to three secrets
constexpr size_t kSaltBytes = 32;

re2::StringPiece Piece(absl::string_view text) {
  return re2::StringPiece(text.data(), text.size());
}

absl::string_view BaseName(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

std::string RandomSalt() {
  std::string salt(kSaltBytes, '\0');
  GATEWATCH_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()),
                             kSaltBytes) == 1);
  return salt;
}

// `text` with `mark` applied to every secret that `pattern` finds.
template <typename Mark>
std::string ReplaceGroups(const RE2& pattern, absl::string_view text,
                          const Mark& mark) {
  const int groups =
      std::min(pattern.NumberOfCapturingGroups() + 1, kMaxGroups);
  std::array<re2::StringPiece, kMaxGroups> found;
  std::string result;
  size_t copied = 0;
  size_t from = 0;
  while (from <= text.size() &&
         pattern.Match(Piece(text), from, text.size(), RE2::UNANCHORED,
                       found.data(), groups)) {
    for (int i = 1; i < groups; ++i) {
      const absl::string_view secret(found[i].data(), found[i].size());
      if (secret.empty() || absl::StartsWith(secret, kMark)) continue;
      const size_t at = static_cast<size_t>(secret.data() - text.data());
      absl::StrAppend(&result, text.substr(copied, at - copied), mark(secret));
      copied = at + secret.size();
    }
    const size_t end =
        static_cast<size_t>(found[0].data() - text.data()) + found[0].size();
    from = std::max(end, from + 1);
  }
  absl::StrAppend(&result, text.substr(copied));
  return result;
}

}  // namespace

Redactor::Redactor(std::string salt)
    : salt_(salt.empty() ? RandomSalt() : std::move(salt)),
      any_(PatternOptions(), RE2::UNANCHORED) {
  for (const RE2* pattern : SecretPatterns()) {
    GATEWATCH_CHECK(any_.Add(pattern->pattern(), nullptr) >= 0);
  }
  GATEWATCH_CHECK(any_.Compile());
}

std::vector<std::string> Redactor::Arguments(
    const std::vector<std::string>& arguments) const {
  std::vector<std::string> redacted;
  redacted.reserve(arguments.size());
  const auto mark = [this](absl::string_view secret) { return Mark(secret); };
  const absl::string_view tool =
      arguments.empty() ? "" : BaseName(arguments[0]);
  for (size_t i = 0; i < arguments.size(); ++i) {
    // First what ends with the argument; within a text, a value may end with
    // the word.
    std::string argument = arguments[i];
    for (const AttachedFlag& flag : AttachedFlags()) {
      if (i == 0 || !RE2::FullMatch(Piece(tool), *flag.tool)) continue;
      argument = ReplaceGroups(*flag.argument, argument, mark);
    }
    for (const AnnouncingFlag& flag : AnnouncingFlags()) {
      // argv[0] announces nothing: it may be any program's name.
      if (i < 2 || !RE2::FullMatch(arguments[i - 1], *flag.flag)) continue;
      if (!RE2::FullMatch(Piece(tool), *flag.tool)) continue;
      argument = ReplaceGroups(*flag.secret, argument, mark);
    }
    redacted.push_back(Text(argument));
  }
  return redacted;
}

std::vector<std::string> Redactor::Environment(
    const std::vector<std::string>& environment) const {
  std::vector<std::string> reported;
  for (const absl::string_view variable : environment) {
    const size_t equals = variable.find('=');
    if (equals == absl::string_view::npos) continue;
    if (!IsReportedVariable(variable.substr(0, equals))) continue;
    reported.push_back(Text(variable));
  }
  return reported;
}

std::string Redactor::Text(absl::string_view text) const {
  std::string result(text);
  std::vector<int> matching;
  RE2::Set::ErrorInfo error;
  const bool any = any_.Match(Piece(text), &matching, &error);
  if (!any && error.kind == RE2::Set::kNoError) return result;
  // One secret's replacement may be what another pattern would have found, so
  // all patterns run once any did; in doubt (the automaton ran out of memory)
  // too.
  for (const RE2* pattern : SecretPatterns()) {
    result = ReplaceGroups(*pattern, result, [this](absl::string_view secret) {
      return Mark(secret);
    });
  }
  return result;
}

std::string Redactor::Mark(absl::string_view secret) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int length = 0;
  HMAC(EVP_sha256(), salt_.data(), static_cast<int>(salt_.size()),
       reinterpret_cast<const unsigned char*>(secret.data()), secret.size(),
       digest.data(), &length);
  const absl::string_view first(reinterpret_cast<const char*>(digest.data()),
                                4);
  return absl::StrCat(kMark, absl::BytesToHexString(first), "]");
}

}  // namespace gatewatch::agent
