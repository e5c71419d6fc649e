#include "iac/checks/secret_text.h"

#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "re2/re2.h"

namespace gatewatch::iac {
namespace {

constexpr double kBitsEach = 4.0;
constexpr size_t kLongEnough = 32;

struct Form {
  const char* pattern;
  const char* what;
};

// Forms that their makers gave so that they can be found.
constexpr Form kForms[] = {
    {R"(\b(AKIA|ASIA)[A-Z0-9]{16}\b)", "an AWS access key"},
    {R"(-----BEGIN [A-Z ]*PRIVATE KEY-----)", "a private key"},
    {R"(\bgh[pousr]_[A-Za-z0-9]{36,}\b)", "a GitHub token"},
    {R"(\bglpat-[A-Za-z0-9_-]{20,})", "a GitLab token"},
    {R"(\bxox[abposr]-[A-Za-z0-9-]{10,})", "a Slack token"},
    {R"(\bsk_live_[A-Za-z0-9]{16,})", "a Stripe key"},
    {R"(\bAIza[A-Za-z0-9_-]{35}\b)", "a Google API key"},
    {R"(\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.)", "a JSON web token"},
    {R"([a-z][a-z0-9+.-]*://[^/\s:@$<>{}]+:[^/\s@$<>{}]+@)",
     "an address with a password"},
};

// Resolved by CloudFormation into the task definition, for all to read.
constexpr char kResolved[] = R"(\{\{resolve:(secretsmanager|ssm-secure):)";

constexpr char kSecretName[] =
    R"((?i)(^|[_.-])(pass(word|wd|phrase)?|pwd|secret|token|credentials?)|)"
    R"((api|access|private|secret|account|encryption|signing|auth)[_-]?key|)"
    R"((password|passwd|secret|token|_pass|_pwd)([_.-]|$))";

// Of a name that says secret, a setting about it rather than itself.
constexpr char kAbout[] =
    R"((?i)(_|-|\.)(arn|name|id|file|path|url|uri|endpoint|host|port|ttl|)"
    R"(expiry|expiration|timeout|length|enabled|region|version|type|prefix|)"
    R"(policy|rotation|issuer|audience|header|algorithm|max|min)s?$)";

// A value that stands for another, or is nothing to hide.
constexpr char kNoSecret[] =
    R"((?i)^(true|false|yes|no|on|off|none|null|enabled|disabled|changeme|)"
    R"(placeholder|example|redacted|x+|\*+)$|^arn:|^/|^<.*>$|^\$)";

bool Matches(absl::string_view text, const RE2& pattern) {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

// The patterns of kForms, compiled once.
const std::vector<std::unique_ptr<RE2>>& FormPatterns() {
  static const auto* const patterns = [] {
    auto* compiled = new std::vector<std::unique_ptr<RE2>>;
    for (const Form& form : kForms) {
      compiled->push_back(std::make_unique<RE2>(form.pattern));
    }
    return compiled;
  }();
  return *patterns;
}

// Of one character of the text, in bits.
double Entropy(absl::string_view text) {
  std::array<int, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / text.size();
    bits -= share * std::log2(share);
  }
  return bits;
}

}  // namespace

bool IsSecretName(absl::string_view name) {
  static const RE2* const kPattern = new RE2(kSecretName);
  static const RE2* const kExcept = new RE2(kAbout);
  return Matches(name, *kPattern) && !Matches(name, *kExcept);
}

std::string KnownSecret(absl::string_view text) {
  static const RE2* const kPattern = new RE2(kResolved);
  if (Matches(text, *kPattern)) {
    return "a secret that CloudFormation resolves into the definition";
  }
  for (size_t i = 0; i < FormPatterns().size(); ++i) {
    if (Matches(text, *FormPatterns()[i])) return kForms[i].what;
  }
  return "";
}

bool CouldBeSecret(absl::string_view value) {
  static const RE2* const kExcept = new RE2(kNoSecret);
  double number = 0;
  return value.size() >= 3 && !Matches(value, *kExcept) &&
         !(value.size() < 6 && absl::SimpleAtod(value, &number));
}

bool LooksRandom(absl::string_view value) {
  static const RE2* const kWord = new RE2(R"([A-Za-z0-9+/_=-]+)");
  static const RE2* const kMixed =
      new RE2(R"([0-9].*[A-Za-z]|[A-Za-z].*[0-9])");
  return value.size() >= kLongEnough &&
         RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *kWord) &&
         Matches(value, *kMixed) && Entropy(value) >= kBitsEach;
}

}  // namespace gatewatch::iac
