#include "proto/json.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "base/escape.h"
#include "catch2/catch.hpp"
#include "gatewatch/v1/event.pb.h"
#include "gatewatch/v1/ingest.pb.h"
#include "google/protobuf/util/message_differencer.h"

namespace gatewatch {
namespace {

using google::protobuf::util::MessageDifferencer;

std::string ErrorOf(absl::string_view json) {
  v1::EventRecord record;
  const absl::Status status = FromJson(json, record);
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(record.ByteSizeLong() == 0);
  return std::string(status.message());
}

std::string Nested(int levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

v1::EventRecord Rich() {
  v1::EventRecord record;
  record.set_agent_id("task/\"a\"");
  record.set_epoch(std::numeric_limits<uint64_t>::max());
  v1::Event& event = *record.mutable_event();
  event.set_time_ns(1'700'000'000'123'456'789);
  event.mutable_outcome()->set_status(v1::Outcome::STATUS_FAILED);
  event.mutable_outcome()->set_return_value(
      std::numeric_limits<int64_t>::min());
  event.set_truncated(true);
  event.mutable_credential_change()->set_uid(0);
  v1::Process& process = *record.mutable_process();
  process.set_pid(-1);
  process.add_arguments("");
  process.add_arguments("\\x41 \xff Grüße \\");
  process.add_arguments(std::string("\0\n\x1b\x7f\xc2\x9b", 6));
  record.add_ancestors()->set_key("a");
  record.add_ancestors();
  return record;
}

}  // namespace

TEST_CASE("what is written as JSON is read back the same", "[proto]") {
  const v1::EventRecord record = Rich();
  v1::EventRecord read;
  REQUIRE(FromJson(ToJson(record), read) == absl::OkStatus());
  CHECK(MessageDifferencer::Equals(record, read));
}

TEST_CASE("every byte survives the way through JSON", "[proto]") {
  v1::Process process;
  for (int byte = 0; byte < 256; ++byte) {
    process.add_arguments(std::string(1, static_cast<char>(byte)));
    process.mutable_name()->push_back(static_cast<char>(byte));
  }
  v1::Process read;
  REQUIRE(FromJson(ToJson(process), read) == absl::OkStatus());
  CHECK(MessageDifferencer::Equals(process, read));
}

TEST_CASE("JSON is one line of plain text with the proto's names", "[proto]") {
  v1::Event event;
  event.set_sequence(7);
  event.mutable_outcome()->set_status(v1::Outcome::STATUS_SUCCEEDED);
  event.mutable_file_open()->mutable_file()->set_path("/a\n\"\\\xff");
  CHECK(ToJson(event) ==
        R"({"sequence":7,"outcome":{"status":"STATUS_SUCCEEDED"},)"
        R"("file_open":{"file":{"path":"/a\u000a\"\\\\\\xff"}}})");
  CHECK(ToJson(v1::Event()) == "{}");
}

TEST_CASE("JSON never holds a byte that drives a terminal", "[proto]") {
  v1::Workload workload;
  workload.set_host_name("\x1b[31m\x7f\xc2\x9b\xff");
  const std::string json = ToJson(workload);
  CHECK(IsUtf8(json));
  CHECK(json == "{\"host_name\":\"\\u001b[31m\\u007f\\u009b\xef\xbf\xbd\"}");
}

TEST_CASE("an optional field that is set to its default stays set", "[proto]") {
  v1::CredentialChange change;
  change.set_uid(0);
  CHECK(ToJson(change) == R"({"uid":0})");
  v1::CredentialChange read;
  REQUIRE(FromJson(R"({"gid":0})", read) == absl::OkStatus());
  CHECK(read.has_gid());
  CHECK_FALSE(read.has_uid());
}

TEST_CASE("an enum value of a later version is kept as its number", "[proto]") {
  v1::Outcome outcome;
  outcome.set_status(static_cast<v1::Outcome::Status>(99));
  CHECK(ToJson(outcome) == R"({"status":99})");
  v1::Outcome read;
  REQUIRE(FromJson(ToJson(outcome), read) == absl::OkStatus());
  CHECK(static_cast<int>(read.status()) == 99);
}

TEST_CASE("an error names the field at fault", "[proto]") {
  CHECK(ErrorOf(R"({"event":{"file_open":{"flags":"x"}}})") ==
        "event.file_open.flags: expected a whole number");
  CHECK(ErrorOf(R"({"event":{"nonsense":1}})") ==
        "event.nonsense: unknown field");
  CHECK(ErrorOf(R"({"event":{"outcome":{"status":"GOOD"}}})") ==
        "event.outcome.status: no such Status");
  CHECK(ErrorOf(R"({"process":{"name":"\\x4"}})") ==
        "process.name: malformed escape: expected \\\\ or \\xHH");
  CHECK(ErrorOf(R"({"\u001b[31m":1})") == "\\x1b[31m: unknown field");
}

TEST_CASE("a value of the wrong type or size is refused", "[proto]") {
  const auto text = GENERATE(
      as<std::string>(), R"({"epoch":-1})", R"({"epoch":1.0})",
      R"({"epoch":"1"})", R"({"epoch":null})",
      R"({"epoch":18446744073709551616})", R"({"process":{"pid":2147483648}})",
      R"({"process":{"pid":-2147483649}})", R"({"process":[]})",
      R"({"process":{"arguments":"a"}})", R"({"process":{"arguments":[1]}})",
      R"({"event":{"truncated":1}})", R"({"agent_id":1})",
      R"({"process":{"name":"\\q"}})", R"({"process":{"name":"a\\"}})",
      R"({"event":{"file_open":{},"file_change":{}}})");
  INFO(text);
  CHECK_FALSE(ErrorOf(text).empty());
}

TEST_CASE("what is no JSON is refused with its position", "[proto]") {
  CHECK(Contains(ErrorOf("{\"epoch\":}"), "column 10"));
  CHECK_FALSE(ErrorOf("").empty());
  CHECK_FALSE(ErrorOf("{} {}").empty());
  CHECK_FALSE(ErrorOf("[]").empty());
  CHECK_FALSE(ErrorOf("{\"agent_id\":\"\xff\"}").empty());
}

TEST_CASE("nesting deeper than 64 is refused, however deep", "[proto]") {
  CHECK(ErrorOf(Nested(64)) == "expected an object");
  CHECK(ErrorOf(Nested(65)) == "nested deeper than 64");
  CHECK(ErrorOf(Nested(1'000'000)) == "nested deeper than 64");
}

}  // namespace gatewatch
