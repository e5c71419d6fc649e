#include "agent/name_cache.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kMinute = 60 * kSecond;
constexpr uint64_t kNow = 1'700'000'000 * kSecond;
const std::string kIp = "\1\2\3\4";

probes::DnsMessage Answer(const std::string& name, const std::string& ip,
                          uint32_t ttl = 60) {
  probes::DnsMessage message;
  message.response = true;
  message.solicited = true;
  message.questions.push_back({name, 1, 1});
  probes::DnsRecord alias;
  alias.text = "alias.example";
  message.answers.push_back(alias);
  probes::DnsRecord address;
  address.name = "alias.example";
  address.ttl = ttl;
  address.ip = ip;
  message.answers.push_back(address);
  return message;
}

}  // namespace

TEST_CASE("an address has the name that was asked for", "[names]") {
  NameCache names(10);
  names.Learn(Answer("www.example", kIp), kNow);
  REQUIRE(names.Find(kIp, kNow) != nullptr);
  CHECK(*names.Find(kIp, kNow) == "www.example");
  CHECK(names.Find("\4\3\2\1", kNow) == nullptr);
  CHECK(names.Find("", kNow) == nullptr);
  names.Learn(Answer("other.example", kIp), kNow);
  CHECK(*names.Find(kIp, kNow) == "other.example");
  CHECK(names.size() == 1);
}

TEST_CASE("a name lasts as its record does, within limits", "[names]") {
  NameCache names(10);
  names.Learn(Answer("short", "aaaa", 1), kNow);
  CHECK(names.Find("aaaa", kNow + 9 * kMinute) != nullptr);
  CHECK(names.Find("aaaa", kNow + 11 * kMinute) == nullptr);
  names.Learn(Answer("hour", "bbbb", 3600), kNow);
  CHECK(names.Find("bbbb", kNow + 59 * kMinute) != nullptr);
  CHECK(names.Find("bbbb", kNow + 61 * kMinute) == nullptr);
  names.Learn(Answer("ever", "cccc", UINT32_MAX), kNow);
  CHECK(names.Find("cccc", kNow + 25 * 60 * kMinute) == nullptr);
}

TEST_CASE("what was not asked for or failed teaches nothing", "[names]") {
  NameCache names(10);
  probes::DnsMessage message = Answer("www.example", kIp);
  SECTION("a question") { message.response = false; }
  SECTION("a forged answer") { message.solicited = false; }
  SECTION("an error") { message.rcode = 3; }
  SECTION("no question") { message.questions.clear(); }
  names.Learn(message, kNow);
  CHECK(names.size() == 0);
}

TEST_CASE("the address longest without an answer is forgotten", "[names]") {
  NameCache names(2);
  names.Learn(Answer("a", "aaaa"), kNow);
  names.Learn(Answer("b", "bbbb"), kNow);
  names.Learn(Answer("a", "aaaa"), kNow);
  names.Learn(Answer("c", "cccc"), kNow);
  CHECK(names.size() == 2);
  CHECK(names.Find("aaaa", kNow) != nullptr);
  CHECK(names.Find("bbbb", kNow) == nullptr);
}

}  // namespace gatewatch::agent
