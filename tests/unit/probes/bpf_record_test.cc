#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstring>

#include "catch2/catch.hpp"
#include "probes/bpf/capture_spec.h"
#include "probes/bpf/record.h"
#include "probes/bpf/recorded_call.h"
#include "probes/bpf/recorded_processes.h"
#include "tests/unit/probes/bpf_record_maker.h"

namespace gatewatch::testing {

using namespace probes;  // NOLINT: their names are what this is about

namespace {

constexpr uint64_t kPointer = 0x7000;

const SyscallRow& RowNamed(absl::string_view name) {
  for (const SyscallRow& row : SyscallTable()) {
    if (row.name == name) return row;
  }
  FAIL("no such call: " << name);
  return SyscallTable()[0];
}

// openat(AT_FDCWD, "file") below /home/user.
RecordMaker RelativeOpen(int64_t result) {
  RecordMaker maker(GW_CALL);
  maker.head().arguments[0] = static_cast<__u64>(int64_t{AT_FDCWD});
  maker.head().arguments[1] = kPointer;
  maker.head().result = result;
  maker.Add(GW_MEMORY, 0, absl::string_view("file\0", 5), kPointer);
  maker.Add(GW_DIRECTORY, GW_WORKING_DIRECTORY,
            absl::string_view("user\0home\0", 10));
  return maker;
}

Detail Described(absl::string_view name, const Record& record) {
  const SyscallRow& row = RowNamed(name);
  auto located = LocateRecorded(row, record);
  REQUIRE(located.ok());
  auto detail = DescribeRecorded(row, record, *std::move(located));
  REQUIRE(detail.has_value());
  return *std::move(detail);
}

}  // namespace

TEST_CASE("a record is refused at every length but its own", "[probes]") {
  const std::string bytes = RelativeOpen(3).Bytes();
  CHECK(ParseRecord(bytes).ok());
  for (size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(ParseRecord(absl::string_view(bytes).substr(0, size)).ok());
  }
  CHECK_FALSE(ParseRecord(bytes + "more").ok());
}

TEST_CASE("a section that is longer than its record is refused", "[probes]") {
  std::string bytes = RelativeOpen(3).Bytes();
  gw_section section;
  memcpy(&section, bytes.data() + sizeof(gw_record), sizeof(section));
  section.size = UINT32_MAX;
  memcpy(bytes.data() + sizeof(gw_record), &section, sizeof(section));
  CHECK_FALSE(ParseRecord(bytes).ok());
}

TEST_CASE("a relative path starts from the recorded folder", "[probes]") {
  const RecordMaker maker = RelativeOpen(3);
  const std::string bytes = maker.Bytes();
  const auto record = ParseRecord(bytes);
  const auto opened = std::get<FileOpened>(Described("openat", *record));
  CHECK(opened.file.path == "/home/user/file");
  CHECK(opened.file.raw_path == "file");
  CHECK(RecordedOutcome(*record).status == OutcomeStatus::kSucceeded);
  CHECK(RecordedOutcome(*record).return_value == 3);
}

TEST_CASE("what was opened is told as the kernel knows it", "[probes]") {
  RecordMaker maker = RelativeOpen(3);
  gw_file file{};
  file.inode = 77;
  file.device = (8u << 20) | 1;
  file.mode = S_IFREG | 0644;
  file.open_mode = 1 << 20;
  maker.AddStruct(GW_FILE_INFO, GW_RESULT, file);
  maker.Add(GW_DIRECTORY, GW_RESULT, absl::string_view("real\0srv\0", 9), 0,
            GW_WHOLE);
  const std::string bytes = maker.Bytes();
  const auto record = ParseRecord(bytes);
  const auto opened = std::get<FileOpened>(Described("openat", *record));
  CHECK(opened.creates);
  CHECK(opened.file.kind == FileKind::kRegular);
  CHECK(opened.file.inode == 77);
  CHECK(opened.file.device == 0x801);
  CHECK(opened.file.resolved_path == "/srv/real");
}

TEST_CASE("an argument that was not captured is an error", "[probes]") {
  RecordMaker maker(GW_CALL);
  maker.head().arguments[1] = kPointer;
  const std::string bytes = maker.Bytes();
  const auto record = ParseRecord(bytes);
  CHECK_FALSE(LocateRecorded(RowNamed("openat"), *record).ok());
}

TEST_CASE("recorded memory ends where the record does", "[probes]") {
  const std::string bytes = RelativeOpen(3).Bytes();
  const auto record = ParseRecord(bytes);
  const RecordedMemory memory(*record);
  char into[16] = {};
  CHECK(memory.Read(RemoteAddress{kPointer + 2}, into, sizeof(into)).value() ==
        3);
  CHECK(std::string(into) == "le");
  CHECK_FALSE(memory.Read(RemoteAddress{kPointer + 5}, into, 1).ok());
  CHECK_FALSE(memory.Read(RemoteAddress{kPointer - 1}, into, 1).ok());
  CHECK_FALSE(memory.Read(RemoteAddress{UINT64_MAX}, into, 1).ok());
}

TEST_CASE("what becomes of an interrupted call is not known", "[probes]") {
  RecordMaker maker(GW_CALL);
  maker.head().result = -512;  // ERESTARTSYS
  const std::string bytes = maker.Bytes();
  const Outcome outcome = RecordedOutcome(*ParseRecord(bytes));
  CHECK(outcome.status == OutcomeStatus::kUnknown);
  CHECK(outcome.error == 0);
}

TEST_CASE("a refused connect's peer is as it was passed", "[probes]") {
  RecordMaker maker(GW_CALL);
  maker.head().arguments[0] = 5;
  maker.head().arguments[1] = kPointer;
  maker.head().arguments[2] = 16;
  maker.head().result = -ECONNREFUSED;
  maker.Add(GW_MEMORY, 0,
            absl::string_view("\x02\0\0\x50\x0a\0\0\x01\0\0\0\0\0\0\0\0", 16),
            kPointer);
  gw_socket socket{};
  socket.family = 2;
  socket.type = 1;
  maker.AddStruct(GW_SOCKET_INFO, 0, socket);
  const std::string bytes = maker.Bytes();
  const auto called =
      std::get<SocketCalled>(Described("connect", *ParseRecord(bytes)));
  CHECK(called.socket.type == 1);
  CHECK(called.socket.remote.ip == std::string("\x0a\0\0\x01", 4));
  CHECK(called.socket.remote.port == 80);
  CHECK(called.socket.local.ip.empty());
}

TEST_CASE("a file's link reads as in /proc", "[probes]") {
  struct Case {
    uint32_t mode;
    uint64_t magic;
    uint32_t links;
    absl::string_view names;
    uint8_t flags;
    std::string link;
  };
  const Case cases[] = {
      {S_IFREG, 0, 1, {"b\0a\0", 4}, GW_WHOLE, "/a/b"},
      {S_IFREG, 0, 0, {"b\0a\0", 4}, GW_WHOLE, "/a/b (deleted)"},
      {S_IFDIR, 0, 1, {"", 0}, GW_WHOLE, "/"},
      {S_IFIFO, 0, 1, {"", 0}, 0, "pipe:[9]"},
      {S_IFIFO, 0, 1, {"f\0", 2}, GW_WHOLE, "/f"},
      {S_IFSOCK, 0, 1, {"", 0}, 0, "socket:[9]"},
      {S_IFREG, 0x6e736673, 1, {"uts\0", 4}, 0, "uts:[9]"},
      {S_IFREG, 0, 0, {"memfd:x\0", 8}, 0, "/memfd:x (deleted)"},
  };
  for (const Case& one : cases) {
    RecordMaker maker(GW_CALL);
    gw_file file{};
    file.inode = 9;
    file.mode = one.mode;
    file.magic = one.magic;
    file.links = one.links;
    maker.AddStruct(GW_FILE_INFO, 0, file);
    maker.Add(GW_DIRECTORY, 0, one.names, 0, one.flags);
    const std::string bytes = maker.Bytes();
    CHECK(RecordedLink(*ParseRecord(bytes), 0) == one.link);
  }
}

TEST_CASE("every argument that points somewhere is captured", "[probes]") {
  // envp alone is not: an exec's environment is recorded of the new image.
  for (const SyscallRow& row : SyscallTable()) {
    if (row.action == Action::kExit) continue;
    const gw_call_spec spec = CaptureSpecOf(row);
    CHECK(spec.observed == 1);
    RecordMaker maker(GW_CALL);
    for (size_t i = 0; i < 6; ++i) {
      const int kind = spec.arguments[i].kind;
      if (kind == GW_PLAIN || kind == GW_FILE) continue;
      maker.head().arguments[i] = kPointer + 0x1000 * i;
      maker.Add(GW_MEMORY, 0, std::string(64, '\0'), kPointer + 0x1000 * i);
    }
    const std::string bytes = maker.Bytes();
    CAPTURE(row.name);
    CHECK(LocateRecorded(row, *ParseRecord(bytes)).ok());
  }
}

TEST_CASE("a process that is not known is told of before its end", "[probes]") {
  const ProcReader no_proc("/nonexistent");
  std::vector<Observation> seen;
  RecordedProcesses processes(no_proc, 0, [&](Observation observation) {
    seen.push_back(std::move(observation));
  });
  RecordMaker maker(GW_EXIT);
  maker.head().task.pid = 70;
  maker.head().task.start_ns = 50'000'000;
  maker.head().result = SIGKILL;
  const std::string bytes = maker.Bytes();
  processes.OnExit(*ParseRecord(bytes), 1);
  REQUIRE(seen.size() == 2);
  CHECK(std::holds_alternative<ProcessStarted>(seen[0].detail));
  const auto& exited = std::get<ProcessExited>(seen[1].detail);
  CHECK(exited.signal == SIGKILL);
  CHECK_FALSE(exited.code.has_value());
  CHECK(seen[1].process == ProcessId{70, 5});
}

TEST_CASE("a pid that comes again ends the process that had it", "[probes]") {
  const ProcReader no_proc("/nonexistent");
  std::vector<Observation> seen;
  RecordedProcesses processes(no_proc, 0, [&](Observation observation) {
    seen.push_back(std::move(observation));
  });
  for (const uint64_t start_ns : {50'000'000, 90'000'000}) {
    RecordMaker maker(GW_FORK);
    maker.head().task.pid = 70;
    maker.head().task.start_ns = start_ns;
    const std::string bytes = maker.Bytes();
    processes.OnFork(*ParseRecord(bytes), 1);
  }
  REQUIRE(seen.size() == 3);
  CHECK(std::holds_alternative<ProcessExited>(seen[1].detail));
  CHECK(seen[1].process == ProcessId{70, 5});
  CHECK(seen[2].process == ProcessId{70, 9});
}

}  // namespace gatewatch::testing
