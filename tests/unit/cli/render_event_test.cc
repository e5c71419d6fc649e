#include "cli/render_event.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ptrace.h>

#include "catch2/catch.hpp"

namespace gatewatch::cli {
namespace {

v1::EventRecord By(const std::string& name, int pid) {
  v1::EventRecord record;
  record.mutable_process()->set_name(name);
  record.mutable_process()->set_pid(pid);
  record.mutable_event()->set_time_ns(1'769'860'800'123'456'789);
  return record;
}

v1::EventRecord OpenOf(const std::string& path, uint32_t flags) {
  v1::EventRecord record = By("cat", 7);
  v1::FileOpen* open = record.mutable_event()->mutable_file_open();
  open->mutable_file()->set_path(path);
  open->set_flags(flags);
  return record;
}

}  // namespace

TEST_CASE("an event is one line: time, process, kind, object, outcome",
          "[cli]") {
  v1::EventRecord record = OpenOf("/etc/shadow", O_RDONLY);
  CHECK(EventLine(record) ==
        "2026-01-31T12:00:00.123Z  cat[7]                  open         read "
        "/etc/shadow");
  record.mutable_event()->mutable_outcome()->set_status(
      v1::Outcome::STATUS_FAILED);
  record.mutable_event()->mutable_outcome()->set_error(EACCES);
  record.mutable_event()->set_count(3);
  CHECK_THAT(EventLine(record),
             Catch::EndsWith("/etc/shadow  x3  failed EACCES"));
}

TEST_CASE("no captured byte reaches the terminal as it is", "[cli]") {
  CHECK(DescribeObject(OpenOf("/tmp/\x1b[31m\n\xff", O_RDONLY)) ==
        "read /tmp/\\x1b[31m\\n\\xff");
}

TEST_CASE("a long object is cut to one line", "[cli]") {
  const std::string object =
      DescribeObject(OpenOf(std::string(5000, 'a'), O_RDONLY));
  CHECK(object.size() < 210);
  CHECK_THAT(object, Catch::EndsWith("…"));
}

TEST_CASE("an open tells its way and whether it makes the file", "[cli]") {
  CHECK(DescribeObject(OpenOf("/x", O_WRONLY | O_CLOEXEC)) == "write /x");
  v1::EventRecord record = OpenOf("/x", O_RDWR | O_CREAT);
  record.mutable_event()->mutable_file_open()->set_creates(true);
  CHECK(DescribeObject(record) == "create read-write /x");
}

TEST_CASE("a change of a file tells both names or what is set", "[cli]") {
  v1::EventRecord record = By("x", 1);
  v1::FileChange* change = record.mutable_event()->mutable_file_change();
  change->mutable_file()->set_path("/a");
  change->mutable_file()->set_raw_path("held");
  change->mutable_target()->set_path("/b");
  change->set_mode(0755);
  change->set_length(5);
  change->set_attribute("user.x");
  change->set_uid(33);
  change->set_gid(UINT32_MAX);
  using Change = v1::FileChange;
  const std::pair<Change::Operation, std::string> cases[] = {
      {Change::OPERATION_UNLINK, "/a"},
      {Change::OPERATION_RENAME, "/a -> /b"},
      {Change::OPERATION_LINK, "/a -> /b"},
      {Change::OPERATION_SYMLINK, "/b holds held"},
      {Change::OPERATION_CHMOD, "0755 /a"},
      {Change::OPERATION_CHOWN, "33: /a"},
      {Change::OPERATION_MKNOD, "000755 /a"},
      {Change::OPERATION_TRUNCATE, "/a to 5"},
      {Change::OPERATION_SET_ATTRIBUTE, "set user.x of /a"},
      {Change::OPERATION_REMOVE_ATTRIBUTE, "remove user.x of /a"}};
  for (const auto& [operation, text] : cases) {
    change->set_operation(operation);
    CHECK(DescribeObject(record) == text);
  }
}

TEST_CASE("a trace tells what is asked of whom", "[cli]") {
  v1::EventRecord record = By("gdb", 1);
  v1::ProcessAccess* access = record.mutable_event()->mutable_process_access();
  access->set_request(PTRACE_SEIZE);
  access->set_target_pid(9);
  CHECK(DescribeObject(record) == "PTRACE_SEIZE of pid 9");
  access->set_request(4711);
  CHECK(DescribeObject(record) == "4711 of pid 9");
}

TEST_CASE("a change of namespaces tells by which call", "[cli]") {
  v1::EventRecord record = By("sh", 1);
  record.mutable_event()->set_syscall("unshare");
  record.mutable_event()->mutable_namespace_change()->set_namespaces(
      CLONE_NEWUSER);
  CHECK(DescribeObject(record) == "unshare CLONE_NEWUSER");
}

TEST_CASE("requested credentials are listed", "[cli]") {
  v1::EventRecord record = By("sudo", 1);
  v1::CredentialChange* change =
      record.mutable_event()->mutable_credential_change();
  change->set_uid(0);
  change->set_gid(UINT32_MAX);
  change->set_file_system_uid(5);
  CHECK(DescribeObject(record) == "uid 0 fsuid 5");
  change->clear_uid();
  change->clear_file_system_uid();
  change->add_groups(12);
  change->add_groups(34);
  CHECK(DescribeObject(record) == "groups 12,34");
  change->clear_groups();
  change->mutable_capabilities()->set_effective(0x21);
  CHECK(DescribeObject(record) == "capabilities CAP_CHOWN CAP_KILL");
}

TEST_CASE("a loss tells how many of what", "[cli]") {
  v1::EventRecord record;
  record.set_agent_id("task/web");
  v1::Loss* loss = record.mutable_event()->mutable_loss();
  v1::Loss::Count* count = loss->add_counts();
  count->set_kind("open");
  count->set_count(12);
  loss->add_counts()->set_kind("exec");
  CHECK(DescribeObject(record) == "lost: 12 open some exec");
  CHECK_THAT(EventLine(record), Catch::Contains("task/web"));
}

TEST_CASE("a DNS message tells what was asked and answered", "[cli]") {
  v1::EventRecord record = By("curl", 7);
  v1::DnsMessage* dns = record.mutable_event()->mutable_dns();
  v1::DnsQuestion* question = dns->add_questions();
  question->set_name("evil\x1b.example");
  question->set_type(1);
  CHECK(DescribeObject(record) == "question A evil\\x1b.example");
  CHECK_THAT(EventLine(record), Catch::Contains("  dns "));
  question->set_name("a.b");
  dns->set_response(true);
  v1::DnsRecord* alias = dns->add_answers();
  alias->set_type(5);
  alias->set_text("c.d");
  v1::DnsRecord* address = dns->add_answers();
  address->set_type(1);
  address->set_ip("\1\2\3\4");
  CHECK(DescribeObject(record) ==
        "answer A a.b -> NOERROR CNAME c.d A 1.2.3.4 (unsolicited)");
  dns->set_solicited(true);
  dns->clear_answers();
  v1::DnsRecord* text = dns->add_answers();
  text->set_type(16);
  text->set_size(200);
  dns->set_rcode(3);
  CHECK(DescribeObject(record) == "answer A a.b -> NXDOMAIN TXT 200 bytes");
}

TEST_CASE("an address is told with the name it was resolved from", "[cli]") {
  v1::EventRecord record = By("curl", 7);
  v1::Address* remote = record.mutable_event()
                            ->mutable_socket_call()
                            ->mutable_socket()
                            ->mutable_remote();
  remote->set_ip("\1\2\3\4");
  remote->set_port(443);
  remote->set_name("a.b\n");
  CHECK(DescribeObject(record) == "1.2.3.4:443 (a.b\\n)");
}

TEST_CASE("an outcome that was not seen is not guessed", "[cli]") {
  v1::Outcome outcome;
  CHECK(DescribeOutcome(outcome) == "");
  outcome.set_status(v1::Outcome::STATUS_SUCCEEDED);
  CHECK(DescribeOutcome(outcome) == "ok");
  outcome.set_status(v1::Outcome::STATUS_FAILED);
  CHECK(DescribeOutcome(outcome) == "failed");
  outcome.set_error(EPERM);
  CHECK(DescribeOutcome(outcome) == "failed EPERM");
  outcome.set_error(123456);
  CHECK(DescribeOutcome(outcome) == "failed 123456");
}

}  // namespace gatewatch::cli
