#include "probes/procfs/proc_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/unique_fd.h"
#include "catch2/catch.hpp"
#include "tests/unit/probes/temp_tree.h"

namespace gatewatch::probes {
namespace {

using testing::TempTree;

constexpr pid_t kNobody = 1 << 30;  // above PID_MAX_LIMIT

}  // namespace

TEST_CASE("this process is read as it is", "[proc]") {
  const auto snapshot = ProcReader().Snapshot(::getpid());
  REQUIRE(snapshot.ok());
  CHECK(snapshot->id.pid == ::getpid());
  CHECK(snapshot->parent.pid == ::getppid());
  CHECK(snapshot->process_group == ::getpgrp());
  CHECK(snapshot->session == ::getsid(0));
  CHECK(snapshot->name == "probes_test");
  CHECK(absl::EndsWith(snapshot->executable.path, "/probes_test"));
  CHECK(snapshot->executable.inode != 0);
  CHECK(snapshot->executable.modify_time_ns != 0);
  CHECK_FALSE(snapshot->executable.deleted);
  CHECK(snapshot->pid_namespace != 0);
  CHECK(snapshot->mount_namespace != 0);
  CHECK(snapshot->credentials.uid == ::getuid());
  CHECK(snapshot->credentials.gid == ::getgid());
}

TEST_CASE("a process that is gone is not found by any reader", "[proc]") {
  const ProcReader proc;
  CHECK(proc.Stat(kNobody).status().code() == absl::StatusCode::kNotFound);
  CHECK(proc.Status(kNobody).status().code() == absl::StatusCode::kNotFound);
  CHECK(proc.Snapshot(kNobody).status().code() == absl::StatusCode::kNotFound);
  CHECK(proc.ReadCredentials(kNobody).status().code() ==
        absl::StatusCode::kNotFound);
  CHECK(proc.Environment(kNobody).empty());
  CHECK(proc.Children(kNobody).empty());
  CHECK(proc.ImageMarker(kNobody) == 0);
}

TEST_CASE("a process in 65,536 groups keeps its capabilities", "[proc]") {
  // They come after the list of groups, and root may join as many.
  std::string groups = "Groups:\t";
  for (int i = 0; i < 65536; ++i) absl::StrAppend(&groups, 4000000000u, " ");
  const TempTree proc;
  proc.File("42/status",
            absl::StrCat("Tgid:\t42\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n",
                         groups, "\nNSpid:\t42\t1\nCapPrm:\t00000000000000ff\n",
                         "CapEff:\t00000000000000ff\n"));
  const auto status = ProcReader(proc.path()).Status(42);
  REQUIRE(status.ok());
  CHECK(status->namespace_pid == 1);
  CHECK(status->credentials.effective_capabilities == 0xff);
  CHECK(status->credentials.permitted_capabilities == 0xff);
}

TEST_CASE("a login that is not set is told from user 0", "[proc]") {
  const TempTree proc;
  proc.Process(42, 1, 1);
  const ProcReader reader(proc.path());
  CHECK(reader.ReadCredentials(42)->login_uid == UINT32_MAX);
  proc.File("42/loginuid", "0");
  CHECK(reader.ReadCredentials(42)->login_uid == 0);
  proc.File("42/loginuid", "garbage");
  CHECK(reader.ReadCredentials(42)->login_uid == UINT32_MAX);
}

TEST_CASE("arguments beyond the limit are cut, and marked", "[proc]") {
  const TempTree proc;
  proc.Process(42, 1, 1);
  const ProcReader reader(proc.path());
  proc.File("42/cmdline", absl::string_view("sh\0-c\0", 6));
  auto snapshot = reader.Snapshot(42);
  REQUIRE(snapshot.ok());
  CHECK(snapshot->arguments == std::vector<std::string>{"sh", "-c"});
  CHECK_FALSE(snapshot->arguments_truncated);

  proc.File("42/cmdline", std::string(2 << 20, 'a'));
  snapshot = reader.Snapshot(42);
  REQUIRE(snapshot.ok());
  CHECK(snapshot->arguments.size() == 1);
  CHECK(snapshot->arguments.at(0).size() < (64 << 10));
  CHECK(snapshot->arguments_truncated);
}

TEST_CASE("an environment is read in order, up to its limit", "[proc]") {
  const TempTree proc;
  proc.File("42/environ", absl::string_view("A=1\0LD_PRELOAD=/x\0", 18));
  CHECK(ProcReader(proc.path()).Environment(42) ==
        std::vector<std::string>{"A=1", "LD_PRELOAD=/x"});
  proc.File("43/environ", std::string(1 << 20, 'e'));
  const auto cut = ProcReader(proc.path()).Environment(43);
  REQUIRE(cut.size() == 1);
  CHECK(cut[0].size() == (64 << 10));
}

TEST_CASE("a descriptor is told from a closed one", "[proc]") {
  const ProcReader proc;
  int pipe[2];
  REQUIRE(::pipe2(pipe, O_CLOEXEC) == 0);
  const UniqueFd read_end(pipe[0]), write_end(pipe[1]);
  const pid_t self = ::getpid();
  CHECK(proc.ReadDescriptor(self, pipe[0]).kind == DescriptorKind::kPipe);
  CHECK(proc.ReadDescriptor(self, 1 << 20).kind == DescriptorKind::kClosed);
}

TEST_CASE("an image's marker stays while the image does", "[proc]") {
  const ProcReader proc;
  const uint64_t marker = proc.ImageMarker(::getpid());
  CHECK(marker != 0);
  CHECK(proc.ImageMarker(::getpid()) == marker);
  // Another process, another image.
  const uint64_t parent = proc.ImageMarker(::getppid());
  CHECK(parent != marker);
}

TEST_CASE("an auxiliary vector may hold anything", "[proc]") {
  const TempTree proc;
  proc.File("42/auxv", "cut");
  // AT_RANDOM (25) that points nowhere.
  proc.File("43/auxv",
            absl::string_view("\x19\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0", 16));
  proc.File("44/auxv", "");
  const ProcReader reader(proc.path());
  CHECK(reader.ImageMarker(42) == 0);  // not yet filled in, as it seems
  CHECK(reader.ImageMarker(43) != 0);
  CHECK(reader.ImageMarker(44) == 0);
}

}  // namespace gatewatch::probes
