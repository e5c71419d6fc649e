#include "probes/procfs/parsers.h"

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"

namespace gatewatch::probes {
namespace {

std::string StatLine(absl::string_view comm) {
  return absl::StrCat("42 (", comm,
                      ") S 7 40 39 34816 40 4194304 10 11 12 13 14 15 16 17 20 "
                      "0 3 0 123456 4096 100\n");
}

constexpr char kStatus[] =
    "Name:\tsh\n"
    "Umask:\t0022\n"
    "Tgid:\t42\n"
    "Pid:\t43\n"
    "Uid:\t1\t2\t3\t4\n"
    "Gid:\t5\t6\t7\t8\n"
    "Groups:\t0 1 2 \n"
    "NSpid:\t43\t9\t1\n"
    "CapInh:\t0000000000000000\n"
    "CapPrm:\t00000000a80425fb\n"
    "CapEff:\t000001ffffffffff\n";

}  // namespace

TEST_CASE("a stat line gives each field its place", "[parsers]") {
  const auto stat = ParseStat(StatLine("bash"));
  REQUIRE(stat);
  CHECK(stat->pid == 42);
  CHECK(stat->name == "bash");
  CHECK(stat->state == 'S');
  CHECK(stat->parent_pid == 7);
  CHECK(stat->process_group == 40);
  CHECK(stat->session == 39);
  CHECK(stat->tty == 34816);
  CHECK(stat->threads == 3);
  CHECK(stat->start_ticks == 123456);
}

TEST_CASE("no name that a process gives itself moves a field", "[parsers]") {
  const std::string name =
      GENERATE(as<std::string>(), ") R 1 (", ") R 1 1 1 1 1 (", "a b c", "))))",
               "((((", "", " ", "\n", "1 (x) S 1", "\xff\xfe)");
  const auto stat = ParseStat(StatLine(name));
  REQUIRE(stat);
  CHECK(stat->name == name);
  CHECK(stat->pid == 42);
  CHECK(stat->state == 'S');
  CHECK(stat->parent_pid == 7);
  CHECK(stat->start_ticks == 123456);
}

TEST_CASE("a name may hold a NUL", "[parsers]") {
  const std::string name("a\0b", 3);
  const auto stat = ParseStat(StatLine(name));
  REQUIRE(stat);
  CHECK(stat->name == name);
}

TEST_CASE("what is no stat line is refused", "[parsers]") {
  const std::string whole = StatLine("sh");
  const std::string text = GENERATE_COPY(
      as<std::string>(), "", "(", ")", ")(", "42", "42 (sh)", "42 (sh) S",
      "x (sh" + whole.substr(whole.find(')')),
      "99999999999 (sh" + whole.substr(whole.find(')')),
      " (sh" + whole.substr(whole.find(')')),
      whole.substr(0, whole.find(" 123456")),  // without the start time
      "42 (sh) S x 40 39 34816 40 0 0 0 0 0 0 0 0 0 20 0 3 0 123456",
      "42 (sh) S 7 40 39 34816 40 0 0 0 0 0 0 0 0 0 20 0 3 0 -1",
      std::string(1 << 20, '('), std::string(1 << 20, ' '));
  CHECK_FALSE(ParseStat(text));
}

TEST_CASE("the negative terminal number of old kernels is kept", "[parsers]") {
  std::string line = StatLine("sh");
  line.replace(line.find("34816"), 5, "-2147");
  const auto stat = ParseStat(line);
  REQUIRE(stat);
  CHECK(stat->tty == static_cast<uint32_t>(-2147));
}

TEST_CASE("status gives ids, capabilities and the inner pid", "[parsers]") {
  const auto status = ParseStatus(kStatus);
  REQUIRE(status);
  CHECK(status->thread_group == 42);
  CHECK(status->namespace_pid == 1);
  const Credentials& who = status->credentials;
  CHECK(who.uid == 1);
  CHECK(who.effective_uid == 2);
  CHECK(who.saved_uid == 3);
  CHECK(who.gid == 5);
  CHECK(who.effective_gid == 6);
  CHECK(who.saved_gid == 7);
  CHECK(who.permitted_capabilities == 0xa80425fb);
  CHECK(who.effective_capabilities == 0x1ffffffffff);
}

TEST_CASE("the inner pid is the last of any number of pids", "[parsers]") {
  const auto inner = [](absl::string_view list) {
    return ParseStatus(absl::StrCat("Tgid:\t1\nUid:\t0\t0\t0\nGid:\t0\t0\t0\n",
                                    "NSpid:", list, "\n"))
        ->namespace_pid;
  };
  CHECK(inner("\t7") == 7);
  CHECK(inner("\t1200\t7\t2") == 2);
  CHECK(inner("") == 0);
  CHECK(inner("\t") == 0);
  CHECK(inner("\t7\tx") == 0);
}

TEST_CASE("a name with the text of a field does not become one", "[parsers]") {
  // The kernel escapes line feeds in a name (proc(5)).
  const auto status =
      ParseStatus(absl::StrCat("Name:\tx\\nUid:\t9\t9\t9\n", kStatus));
  REQUIRE(status);
  CHECK(status->credentials.uid == 1);
}

TEST_CASE("a status without its group, users or groups is refused",
          "[parsers]") {
  const std::string text = GENERATE(
      as<std::string>(), "", "\n\n\n", "Tgid:\t1\n", "Tgid:\t1\nUid:\t0\t0\t0",
      "Uid:\t0\t0\t0\nGid:\t0\t0\t0", "Tgid:\tx\nUid:\t0\t0\t0\nGid:\t0\t0\t0",
      "Tgid:\t1\nUid:\t0\t0\nGid:\t0\t0\t0",
      "Tgid:\t1\nUid:\t0\t-1\t0\nGid:\t0\t0\t0", std::string(1 << 20, '\n'));
  CHECK_FALSE(ParseStatus(text));
}

TEST_CASE("strings that end with NUL are told apart", "[parsers]") {
  using Strings = std::vector<std::string>;
  CHECK(SplitAtNul("") == Strings{});
  CHECK(SplitAtNul(absl::string_view("\0", 1)) == Strings{});
  CHECK(SplitAtNul("ls") == Strings{"ls"});
  CHECK(SplitAtNul(absl::string_view("ls\0-l\0", 6)) == Strings{"ls", "-l"});
  CHECK(SplitAtNul(absl::string_view("ls\0\0-l\0", 7)) ==
        Strings{"ls", "", "-l"});
  CHECK(SplitAtNul(absl::string_view("ls\0\0", 4)) == Strings{"ls", ""});
}

TEST_CASE("a namespace is the number in its link", "[parsers]") {
  CHECK(ParseNamespaceLink("pid:[4026531836]") == 4026531836);
  CHECK(ParseNamespaceLink("mnt:[1]") == 1);
  const auto* bad =
      GENERATE("", "pid:", "pid:[", "pid:[]", "pid:[x]", "[", "pid:[12",
               "pid:]12[", "pid:[-1]", "pid:[99999999999999999999]");
  CHECK(ParseNamespaceLink(bad) == 0);
}

TEST_CASE("children are the positive numbers of the list", "[parsers]") {
  using Pids = std::vector<pid_t>;
  CHECK(ParseChildren("") == Pids{});
  CHECK(ParseChildren("12 13 4194304 ") == Pids{12, 13, 4194304});
  CHECK(ParseChildren("12 x -3 0 13\n") == Pids{12, 13});
  CHECK(ParseChildren("99999999999 1") == Pids{1});
  CHECK(ParseChildren(std::string(1 << 20, ' ')) == Pids{});
}

TEST_CASE("a descriptor's link tells its kind", "[parsers]") {
  struct Case {
    const char* link;
    DescriptorKind kind;
    bool has_path;
  };
  const auto expected = GENERATE(values<Case>({
      {"socket:[123]", DescriptorKind::kSocket, false},
      {"pipe:[123]", DescriptorKind::kPipe, false},
      {"anon_inode:[eventpoll]", DescriptorKind::kAnonymous, false},
      {"anon_inode:seccomp notify", DescriptorKind::kAnonymous, false},
      {"/memfd:x (deleted)", DescriptorKind::kMemory, true},
      {"/dev/null", DescriptorKind::kDevice, true},
      {"/dev/null2", DescriptorKind::kFile, true},
      {"/dev/pts/0", DescriptorKind::kTerminal, true},
      {"/dev/tty", DescriptorKind::kTerminal, true},
      {"/dev/ttyS0", DescriptorKind::kTerminal, true},
      {"/dev/console", DescriptorKind::kTerminal, true},
      {"/dev/consoles", DescriptorKind::kFile, true},
      {"/tmp/socket:[1]", DescriptorKind::kFile, true},
      {"/tmp/memfd:x", DescriptorKind::kFile, true},
      {"/", DescriptorKind::kFile, true},
      {"", DescriptorKind::kUnknown, false},
      {"net:[4026531840]", DescriptorKind::kUnknown, false},
      {"tmp/x", DescriptorKind::kUnknown, false},
  }));
  CAPTURE(expected.link);
  const Descriptor descriptor = ParseDescriptorLink(expected.link);
  CHECK(descriptor.kind == expected.kind);
  CHECK(descriptor.path == (expected.has_path ? expected.link : ""));
}

TEST_CASE("a pidfd's information names its process", "[parsers]") {
  CHECK(ParsePidfdInfo("pos:\t0\nPid:\t77\nNSpid:\t77\t1\n") == 77);
  CHECK(ParsePidfdInfo("pos:\t0\nflags:\t02\n") == 0);
  CHECK(ParsePidfdInfo("Pid:\t-1\n") == 0);  // gone
  CHECK(ParsePidfdInfo("Pid:\t99999999999\n") == 0);
  CHECK(ParsePidfdInfo("NSpid:\t5\n") == 0);
  CHECK(ParsePidfdInfo("") == 0);
}

TEST_CASE("an executable's link tells what became of its file", "[parsers]") {
  const Executable plain = ParseExecutableLink("/usr/bin/curl");
  CHECK(plain.path == "/usr/bin/curl");
  CHECK_FALSE(plain.deleted);
  CHECK_FALSE(plain.in_memory);

  const Executable deleted = ParseExecutableLink("/tmp/x (deleted)");
  CHECK(deleted.path == "/tmp/x");
  CHECK(deleted.deleted);

  const Executable memory = ParseExecutableLink("/memfd:stage2 (deleted)");
  CHECK(memory.path == "/memfd:stage2");
  CHECK(memory.deleted);
  CHECK(memory.in_memory);

  const Executable tricky = ParseExecutableLink("/tmp/x (deleted) y");
  CHECK(tricky.path == "/tmp/x (deleted) y");
  CHECK_FALSE(tricky.deleted);

  CHECK(ParseExecutableLink("").path.empty());
}

}  // namespace gatewatch::probes
