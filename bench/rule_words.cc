#include "bench/rule_words.h"

#include <iterator>

#include "absl/strings/str_cat.h"

namespace gatewatch::bench {
namespace {

constexpr const char* kCommonPrograms[] = {"sh",    "bash", "gcc", "make",
                                           "nginx", "curl", "apt", "dpkg"};
constexpr const char* kCommonPaths[] = {"/etc/ld.so", "/usr/include", "/proc",
                                        "/var/lib",   "/tmp",         "/dev"};

}  // namespace

std::string RuleWords::Fill(const char* text) {
  common_ = Below(10) == 0;
  std::string filled;
  for (; *text != '\0'; ++text) {
    filled += *text == '$' ? Word(*++text) : std::string(1, *text);
  }
  return filled;
}

std::string RuleWords::Word(char kind) {
  const size_t number = Below(100'000);
  switch (kind) {
    case 'N':
      return common_ ? kCommonPrograms[number % std::size(kCommonPrograms)]
                     : absl::StrCat("prog", number);
    case 'P':
      return common_
                 ? kCommonPaths[number % std::size(kCommonPaths)]
                 : absl::StrCat(kCommonPaths[number % std::size(kCommonPaths)],
                                "/d", number % 97, "/f", number);
    case 'W':
      return absl::StrCat("opt", number % 89, "x", number);
    case 'D':
      return absl::StrCat("host", number, ".example.net");
    default:
      return absl::StrCat("203.", number % 200, ".", number / 500, ".7");
  }
}

}  // namespace gatewatch::bench
