#include "detection/list_file.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "detection/rule_set.h"

namespace gatewatch::detection {
namespace {

constexpr char kRules[] = R"(
- list: bad_addresses
  items: [203.0.113.1, 198.51.100.0/28]
- list: bad_domains
  items: [evil.example]
- list: bad_hashes
  items: [0000000000000000000000000000000000000000000000000000000000000000]
- list: bad_words
  items: [one, 203.0.113.1]
- rule: Address
  desc: d
  condition: evt.type = connect and fd.sip in (bad_addresses)
  output: o
  priority: INFO
- rule: Domain
  desc: d
  condition: evt.type = dns and dns.question.domains in (bad_domains)
  output: o
  priority: INFO
)";

absl::StatusOr<std::unique_ptr<const RuleSet>> LoadWith(
    const std::string& list, const std::string& text) {
  return RuleSet::Load(
      {{.name = "lists/" + list + ".txt", .text = text, .list = list},
       {.name = "rules.yaml", .text = kRules}});
}

std::string ErrorOf(const std::string& list, const std::string& text) {
  return std::string(LoadWith(list, text).status().message());
}

v1::EventRecord ConnectTo(const std::string& address) {
  v1::EventRecord record;
  record.mutable_event()->set_syscall("connect");
  v1::Socket& socket =
      *record.mutable_event()->mutable_socket_call()->mutable_socket();
  socket.set_family(2);
  socket.mutable_remote()->set_ip(address);
  return record;
}

v1::EventRecord QuestionFor(const std::string& name) {
  v1::EventRecord record;
  record.mutable_event()->set_syscall("dns");
  record.mutable_event()->mutable_dns()->add_questions()->set_name(name);
  return record;
}

bool Fires(const RuleSet& rules, const v1::EventRecord& record) {
  return !rules.Matches(ViewOf(record)).empty();
}

}  // namespace

TEST_CASE("a list file's values replace those of the rule file",
          "[detection][list]") {
  const auto rules =
      LoadWith("bad_addresses", "# a feed\n\n  192.0.2.7  \r\n10.9.0.0/16\n");
  INFO(rules.status());
  REQUIRE(rules.ok());
  CHECK(Fires(**rules, ConnectTo({'\xc0', 0, 2, 7})));
  CHECK(Fires(**rules, ConnectTo({10, 9, 1, 1})));
  CHECK_FALSE(Fires(**rules, ConnectTo({'\xc0', 0, 2, 8})));
  CHECK_FALSE(Fires(**rules, ConnectTo({'\xcb', 0, 113, 1})));
}

TEST_CASE("a domain on a list stands for what is below it",
          "[detection][list]") {
  const auto rules = LoadWith("bad_domains", "Other.Example.\n");
  REQUIRE(rules.ok());
  CHECK(Fires(**rules, QuestionFor("other.example")));
  CHECK(Fires(**rules, QuestionFor("a.b.other.example")));
  CHECK_FALSE(Fires(**rules, QuestionFor("another.example")));
  CHECK_FALSE(Fires(**rules, QuestionFor("other.example.org")));
  CHECK_FALSE(Fires(**rules, QuestionFor("evil.example")));
}

TEST_CASE("a list file may leave a list empty", "[detection][list]") {
  const auto rules = LoadWith("bad_addresses", "# nothing yet\n");
  INFO(rules.status());
  REQUIRE(rules.ok());
  CHECK_FALSE(Fires(**rules, ConnectTo({'\xcb', 0, 113, 1})));
}

TEST_CASE("what is wrong with a list file is told by file and line",
          "[detection][list]") {
  CHECK(ErrorOf("bad_addresses", "192.0.2.7\n\nevil.example\n10.0.0.0/99\n") ==
        "lists/bad_addresses.txt:3: \"evil.example\" is not an address or "
        "address block\n"
        "lists/bad_addresses.txt:4: \"10.0.0.0/99\" is not an address or "
        "address block");
  CHECK(ErrorOf("bad_domains", "192.0.2.7\n") ==
        "lists/bad_domains.txt:1: \"192.0.2.7\" is not a domain");
  CHECK(ErrorOf("bad_domains", "https://evil.example/\n") ==
        "lists/bad_domains.txt:1: \"https://evil.example/\" is not a domain");
  CHECK(ErrorOf("bad_hashes", "d41d8cd98f00b204e9800998ecf8427e\n") ==
        "lists/bad_hashes.txt:1: \"d41d8cd98f00b204e9800998ecf8427e\" is not "
        "a SHA-256 hash");
  CHECK(ErrorOf("none", "x\n") ==
        "lists/none.txt:1: no rule file defines a list none");
  CHECK(ErrorOf("bad_words", "a\x01z\n") ==
        "lists/bad_words.txt:1: a value has no control bytes");
  CHECK(ErrorOf("bad_words", std::string(1025, 'x')) ==
        "lists/bad_words.txt:1: a value has at most 1024 bytes");
}

TEST_CASE("a list without a kind of its own takes any value",
          "[detection][list]") {
  CHECK(LoadWith("bad_words", "evil.example\n10.0.0.1\nfoo bar\n").ok());
}

TEST_CASE("a hash may be written in capitals", "[detection][list]") {
  CHECK(LoadWith("bad_hashes", std::string(64, 'A') + "\n").ok());
}

TEST_CASE("a list file is bounded", "[detection][list]") {
  std::string many;
  for (int i = 0; i <= 250'000; ++i) absl::StrAppend(&many, "w", i, "\n");
  CHECK(ErrorOf("bad_words", many) ==
        "lists/bad_words.txt:250001: more than 250000 values");
  std::string wrong;
  for (int i = 0; i < 1000; ++i) wrong += "wrong\n";
  const std::string told = ErrorOf("bad_addresses", wrong);
  CHECK(std::count(told.begin(), told.end(), '\n') == 9);
}

TEST_CASE("a folder of list files is read by name", "[detection][list]") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() /
      absl::StrCat("gatewatch-lists-", getpid());
  std::filesystem::create_directory(folder);
  std::ofstream(folder / "b.txt") << "2\n";
  std::ofstream(folder / "a.txt") << "1\n";
  std::ofstream(folder / "README") << "not a list\n";
  const auto sources = ReadListSources(folder.string());
  std::filesystem::remove_all(folder);
  REQUIRE(sources.ok());
  REQUIRE(sources->size() == 2);
  CHECK((*sources)[0].list == "a");
  CHECK((*sources)[0].text == "1\n");
  CHECK((*sources)[1].list == "b");
  CHECK(ReadListSources("")->empty());
  CHECK(absl::IsNotFound(ReadListSources(folder.string()).status()));
}

}  // namespace gatewatch::detection
