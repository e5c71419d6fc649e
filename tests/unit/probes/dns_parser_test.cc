#include "probes/packet/dns_parser.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "tests/unit/probes/dns_bytes.h"

namespace gatewatch::probes {
namespace {

using namespace testing;  // NOLINT: the verbs of bytes

constexpr uint16_t kAnswerFlags = 0x8180;

// An answer to "a.b" with this one record.
std::optional<DnsMessage> AnswerWith(const std::string& record) {
  return ParseDns(DnsHeader(7, kAnswerFlags, 1, 1) + DnsName("a.b") +
                  Bytes16(1) + Bytes16(1) + record);
}

// A question whose name is these bytes.
std::optional<DnsMessage> QuestionOf(const std::string& name) {
  return ParseDns(DnsHeader(7, 0x0100, 1, 0) + name + Bytes16(1) + Bytes16(1));
}

}  // namespace

TEST_CASE("a question is read with its name, type and id", "[dns]") {
  const auto message = ParseDns(DnsQuery(0x1234, "WWW.Example.COM", 28));
  REQUIRE(message);
  CHECK(message->id == 0x1234);
  CHECK_FALSE(message->response);
  CHECK_FALSE(message->truncated);
  REQUIRE(message->questions.size() == 1);
  CHECK(message->questions[0].name == "www.example.com");
  CHECK(message->questions[0].type == 28);
  CHECK(message->questions[0].record_class == 1);
  CHECK(message->answers.empty());
}

TEST_CASE("an answer is read with its addresses and what they last", "[dns]") {
  const auto message =
      ParseDns(DnsAnswer(9, "host.example", "\x0a\x01\x02\x03"));
  REQUIRE(message);
  CHECK(message->response);
  CHECK(message->rcode == 0);
  REQUIRE(message->answers.size() == 1);
  CHECK(message->answers[0].name == "host.example");
  CHECK(message->answers[0].ip == "\x0a\x01\x02\x03");
  CHECK(message->answers[0].ttl == 60);
}

TEST_CASE("records of each kind say what they hold", "[dns]") {
  const std::string ip6(16, '\x11');
  CHECK(AnswerWith(DnsRecordBytes(28, 1, ip6))->answers.at(0).ip == ip6);
  CHECK(AnswerWith(DnsRecordBytes(5, 1, DnsName("c.d")))->answers.at(0).text ==
        "c.d");
  CHECK(AnswerWith(DnsRecordBytes(15, 1, Bytes16(10) + DnsName("mx")))
            ->answers.at(0)
            .text == "mx");
  CHECK(AnswerWith(DnsRecordBytes(33, 1, std::string(6, 'x') + DnsName("srv")))
            ->answers.at(0)
            .text == "srv");
  const auto text = AnswerWith(DnsRecordBytes(16, 1, std::string(200, 't')));
  CHECK(text->answers.at(0).size == 200);
  CHECK(text->answers.at(0).text.empty());
  CHECK(AnswerWith(DnsRecordBytes(999, 1, "anything"))->answers.at(0).type ==
        999);
}

TEST_CASE("a refusal is read without answers", "[dns]") {
  const auto message = ParseDns(DnsHeader(1, 0x8183, 1, 0) + DnsName("no") +
                                Bytes16(1) + Bytes16(1));
  REQUIRE(message);
  CHECK(message->rcode == 3);
}

TEST_CASE("a dot within a label is no separator", "[dns]") {
  CHECK(QuestionOf(absl::StrCat("\x03", "a.b", DnsName("c")))
            ->questions.at(0)
            .name == "a\\.b.c");
  CHECK(QuestionOf(absl::StrCat("\x03", "a\\b", DnsName("")))
            ->questions.at(0)
            .name == "a\\\\b");
  CHECK(QuestionOf(DnsName(""))->questions.at(0).name == ".");
}

TEST_CASE("names that refer to themselves or ahead end nowhere", "[dns]") {
  CHECK_FALSE(QuestionOf(Bytes16(0xc00c)));  // to itself
  CHECK_FALSE(QuestionOf(Bytes16(0xc00d)));  // into itself
  CHECK_FALSE(QuestionOf(Bytes16(0xc0ff)));  // beyond the end
  CHECK_FALSE(
      QuestionOf("\x01"
                 "a" +
                 Bytes16(0xc00c)));  // round and round
  CHECK_FALSE(
      QuestionOf("\x40"
                 "reserved"));
  CHECK_FALSE(
      QuestionOf("\x3f"
                 "short"));
}

TEST_CASE("a name longer than 255 bytes is none", "[dns]") {
  std::string name;
  for (int i = 0; i < 3; ++i) name += "\x3f" + std::string(63, 'a');
  CHECK(QuestionOf(name + "\x3d" + std::string(61, 'b') + DnsName("")));
  CHECK_FALSE(QuestionOf(name + "\x3e" + std::string(62, 'b') + DnsName("")));
}

TEST_CASE("answers that break off leave what came before them", "[dns]") {
  const auto cut =
      ParseDns(DnsHeader(7, kAnswerFlags, 1, 2) + DnsName("a.b") + Bytes16(1) +
               Bytes16(1) + DnsRecordBytes(1, 60, "abcd"));
  REQUIRE(cut);
  CHECK(cut->truncated);
  CHECK(cut->answers.size() == 1);
  // An address of five bytes, a name that runs out of its record.
  CHECK(AnswerWith(DnsRecordBytes(1, 1, "abcde"))->truncated);
  CHECK(AnswerWith(DnsRecordBytes(5, 1,
                                  "\x03"
                                  "ab"))
            ->truncated);
}

TEST_CASE("more answers than the limit are cut and marked", "[dns]") {
  std::string bytes = DnsHeader(7, kAnswerFlags, 1, 100) + DnsName("a") +
                      Bytes16(1) + Bytes16(1);
  for (int i = 0; i < 100; ++i) bytes += DnsRecordBytes(1, 60, "abcd");
  const auto message = ParseDns(bytes);
  REQUIRE(message);
  CHECK(message->answers.size() == 64);
  CHECK(message->truncated);
}

TEST_CASE("what is no DNS is not taken for it", "[dns]") {
  CHECK_FALSE(ParseDns(""));
  CHECK_FALSE(ParseDns("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  const std::string query = DnsQuery(1, "example.com");
  for (size_t size = 0; size < query.size(); ++size) {
    CHECK_FALSE(ParseDns(query.substr(0, size)));
  }
}

}  // namespace gatewatch::probes
