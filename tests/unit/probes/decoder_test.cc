#include "probes/syscalls/decoder.h"

#include <arpa/inet.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "catch2/catch.hpp"
#include "tests/unit/probes/fake_memory.h"

namespace gatewatch::probes {
namespace {

using testing::FakeMemory;

constexpr uint64_t kBase = 0x7f0000000000;
constexpr uint64_t kUnmapped = 0x666000;
// What a 64-bit register may hold above a 32-bit argument.
constexpr uint64_t kGarbage = 0xdeadbeef00000000;

const SyscallRow& Row(absl::string_view name) {
  for (const SyscallRow& row : SyscallTable()) {
    if (row.name == name) return row;
  }
  FAIL("not in the table: " << name);
  return SyscallTable()[0];
}

DecodedCall Decoded(absl::string_view name, const RegisterArguments& arguments,
                    const FakeMemory& memory = {}) {
  auto call = Decode(Row(name), arguments, memory);
  REQUIRE(call.ok());
  return *std::move(call);
}

template <typename Struct>
absl::string_view BytesOf(const Struct& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

TEST_CASE("openat gives directory, path, flags and mode", "[decoder]") {
  FakeMemory memory;
  memory.WriteString(kBase, "etc/shadow");
  const DecodedCall call = Decoded(
      "openat", {kGarbage | 7, kBase, O_RDWR | O_CREAT, 0100644}, memory);
  CHECK(call.dir_fd == 7);
  CHECK(call.path == "etc/shadow");
  CHECK(call.flags == (O_RDWR | O_CREAT));
  CHECK(call.mode == 0644);
  CHECK_FALSE(call.truncated);
}

TEST_CASE("the current directory is -100 in any register width", "[decoder]") {
  FakeMemory memory;
  memory.WriteString(kBase, "x");
  for (const uint64_t fd : {static_cast<uint64_t>(AT_FDCWD),
                            uint64_t{static_cast<uint32_t>(AT_FDCWD)}}) {
    CHECK(Decoded("openat", {fd, kBase, 0, 0}, memory).dir_fd == AT_FDCWD);
  }
}

TEST_CASE("creat has the flags of the open that it stands for", "[decoder]") {
  FakeMemory memory;
  memory.WriteString(kBase, "/tmp/x");
  const DecodedCall call = Decoded("creat", {kBase, 0600}, memory);
  CHECK(call.path == "/tmp/x");
  CHECK(call.flags == (O_CREAT | O_WRONLY | O_TRUNC));
  CHECK(call.mode == 0600);
}

TEST_CASE("openat2 gives flags and mode out of its struct", "[decoder]") {
  open_how how{};
  how.flags = O_WRONLY | O_TRUNC;
  how.mode = 0640;
  FakeMemory memory;
  memory.WriteString(kBase, "/x");
  memory.Write(kBase + 64, BytesOf(how));
  const DecodedCall call =
      Decoded("openat2", {3, kBase, kBase + 64, sizeof(how)}, memory);
  CHECK(call.flags == (O_WRONLY | O_TRUNC));
  CHECK(call.mode == 0640);
}

TEST_CASE("a struct that is cut by an unmapped page is bad", "[decoder]") {
  FakeMemory memory;
  memory.WriteString(kBase, "/x");
  const uint64_t how = kBase + FakeMemory::kPage - sizeof(open_how) + 1;
  const auto call =
      Decode(Row("openat2"), {3, kBase, how, sizeof(open_how)}, memory);
  CHECK(call.status().code() == absl::StatusCode::kInternal);
}

TEST_CASE("a rename gives both names with their directories", "[decoder]") {
  FakeMemory memory;
  memory.WriteString(kBase, "old");
  memory.WriteString(kBase + 64, "new");
  const DecodedCall call =
      Decoded("renameat2", {5, kBase, 6, kBase + 64, 1}, memory);
  CHECK(call.dir_fd == 5);
  CHECK(call.path == "old");
  CHECK(call.new_dir_fd == 6);
  CHECK(call.new_path == "new");
  CHECK(call.flags == 1);
}

TEST_CASE("a symlink gives its content and its name", "[decoder]") {
  FakeMemory memory;
  memory.WriteString(kBase, "/etc/shadow");
  memory.WriteString(kBase + 64, "harmless");
  const DecodedCall call = Decoded("symlinkat", {kBase, 9, kBase + 64}, memory);
  CHECK(call.text == "/etc/shadow");
  CHECK(call.new_dir_fd == 9);
  CHECK(call.new_path == "harmless");
  CHECK(call.path.empty());
}

TEST_CASE("execve gives path and arguments, not the environment", "[decoder]") {
  FakeMemory memory;
  memory.WriteString(kBase, "/bin/sh");
  memory.WriteString(kBase + 64, "-c");
  memory.WritePointers(kBase + 128, {kBase, kBase + 64, 0});
  const DecodedCall call =
      Decoded("execve", {kBase, kBase + 128, kUnmapped}, memory);
  CHECK(call.path == "/bin/sh");
  CHECK(call.argv == std::vector<std::string>{"/bin/sh", "-c"});
  CHECK_FALSE(call.argv_truncated);
}

TEST_CASE("execve without arguments has none", "[decoder]") {
  FakeMemory memory;
  memory.WriteString(kBase, "/bin/sh");
  CHECK(Decoded("execve", {kBase, 0, 0}, memory).argv.empty());
}

TEST_CASE("execveat gives its flags", "[decoder]") {
  FakeMemory memory;
  memory.WriteString(kBase, "");
  const DecodedCall call =
      Decoded("execveat", {4, kBase, 0, 0, AT_EMPTY_PATH}, memory);
  CHECK(call.dir_fd == 4);
  CHECK(call.path.empty());
  CHECK(call.flags == AT_EMPTY_PATH);
}

TEST_CASE("arguments beyond the limit are cut, and the call is marked",
          "[decoder]") {
  FakeMemory memory;
  memory.WriteString(kBase, "/bin/echo");
  const uint64_t text = kBase + 16 * FakeMemory::kPage;
  memory.WriteString(text, std::string(2 << 20, 'a'));
  memory.WritePointers(kBase + 128, {kBase, text, text, 0});
  const DecodedCall call = Decoded("execve", {kBase, kBase + 128, 0}, memory);
  size_t bytes = 0;
  for (const std::string& argument : call.argv) bytes += argument.size();
  CHECK(bytes <= kArgumentBytesLimit);
  CHECK(call.argv.at(1).size() > kArgumentBytesLimit / 2);
  CHECK(call.argv_truncated);
  CHECK(call.truncated);
}

TEST_CASE("a path beyond PATH_MAX is cut, and the call is marked",
          "[decoder]") {
  FakeMemory memory;
  memory.WriteString(kBase, std::string(kPathLimit + 1, 'p'));
  const DecodedCall call = Decoded("openat", {3, kBase, 0, 0}, memory);
  CHECK(call.path.size() == kPathLimit);
  CHECK(call.truncated);
}

TEST_CASE("connect gives descriptor, family and address", "[decoder]") {
  FakeMemory memory;
  memory.Write(kBase, BytesOf(Loopback(4444)));
  const DecodedCall call =
      Decoded("connect", {5, kBase, sizeof(sockaddr_in)}, memory);
  CHECK(call.fd == 5);
  CHECK(call.family == AF_INET);
  CHECK(call.address.ip == std::string("\x7f\0\0\1", 4));
  CHECK(call.address.port == 4444);
}

TEST_CASE("an address is as long as its argument says", "[decoder]") {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, "\0name", 5);
  FakeMemory memory;
  memory.Write(kBase, BytesOf(address));
  const auto path = [&](uint64_t length) {
    return Decoded("connect", {5, kBase, length}, memory).address.path;
  };
  const std::string name("\0name", 5);
  CHECK(path(7) == name);
  // The kernel takes the lower half of the register for the length.
  CHECK(path(kGarbage | 7) == name);
  CHECK(path(2).empty());
  CHECK(Decoded("connect", {5, kBase, 0}, memory).family == 0);
  CHECK(Decoded("connect", {5, kUnmapped, 0}, memory).family == 0);
}

TEST_CASE("an address longer than any is read as far as one goes",
          "[decoder]") {
  FakeMemory memory;
  memory.Write(kBase, BytesOf(Loopback(80)));
  memory.Write(kBase + FakeMemory::kPage, "more");
  for (const uint64_t length : {uint64_t{4096}, uint64_t{UINT32_MAX}}) {
    const DecodedCall call = Decoded("bind", {5, kBase, length}, memory);
    CHECK(call.address.port == 80);
  }
}

TEST_CASE("sendto gives the address it sends to", "[decoder]") {
  FakeMemory memory;
  memory.Write(kBase, BytesOf(Loopback(53)));
  const DecodedCall call = Decoded(
      "sendto", {6, kUnmapped, 100, 0, kBase, sizeof(sockaddr_in)}, memory);
  CHECK(call.fd == 6);
  CHECK(call.family == AF_INET);
  CHECK(call.address.port == 53);
}

TEST_CASE("socket gives family, type without flags, and protocol",
          "[decoder]") {
  const DecodedCall call = Decoded(
      "socket", {AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0x300});
  CHECK(call.family == AF_PACKET);
  CHECK(call.socket_type == SOCK_RAW);
  CHECK(call.protocol == 0x300);
}

TEST_CASE("memfd_create gives name and flags", "[decoder]") {
  FakeMemory memory;
  memory.WriteString(kBase, "stage2");
  const DecodedCall call = Decoded("memfd_create", {kBase, 1}, memory);
  CHECK(call.text == "stage2");
  CHECK(call.flags == 1);
}

TEST_CASE("ptrace gives request and target", "[decoder]") {
  const DecodedCall call = Decoded("ptrace", {16, kGarbage | 1234, 0, 0});
  CHECK(call.request == 16);
  CHECK(call.pid == 1234);
}

TEST_CASE("dup3 gives both descriptors", "[decoder]") {
  const DecodedCall call = Decoded("dup3", {7, kGarbage | 1, O_CLOEXEC});
  CHECK(call.fd == 7);
  CHECK(call.new_fd == 1);
  CHECK(call.flags == O_CLOEXEC);
}

TEST_CASE("exit_group gives the status that a parent sees", "[decoder]") {
  CHECK(Decoded("exit_group", {3}).status == 3);
  CHECK(Decoded("exit_group", {UINT64_MAX}).status == 255);
  CHECK(Decoded("exit_group", {0x102}).status == 2);
}

TEST_CASE("the calls that set ids give those they set", "[decoder]") {
  const DecodedCall users = Decoded("setresuid", {1, UINT32_MAX, 3});
  CHECK(users.uid == 1u);
  CHECK(users.effective_uid == UINT32_MAX);
  CHECK(users.saved_uid == 3u);
  CHECK_FALSE(users.gid.has_value());
  const DecodedCall groups = Decoded("setresgid", {4, 5, 6});
  CHECK(groups.gid == 4u);
  CHECK(groups.effective_gid == 5u);
  CHECK(groups.saved_gid == 6u);
  CHECK_FALSE(groups.uid.has_value());
  const DecodedCall user = Decoded("setuid", {kGarbage});
  CHECK(user.uid == 0u);
  CHECK_FALSE(user.effective_uid.has_value());
}

TEST_CASE("chmod and chown give mode and owner", "[decoder]") {
  FakeMemory memory;
  memory.WriteString(kBase, "/x");
  CHECK(Decoded("fchmodat", {3, kBase, 04755}, memory).mode == 04755);
  const DecodedCall chown = Decoded(
      "fchownat", {3, kBase, 0, UINT32_MAX, AT_SYMLINK_NOFOLLOW}, memory);
  CHECK(chown.uid == 0u);
  CHECK(chown.gid == UINT32_MAX);
  CHECK(chown.flags == AT_SYMLINK_NOFOLLOW);
}

TEST_CASE("mount gives its words, which may be missing", "[decoder]") {
  FakeMemory memory;
  memory.WriteString(kBase, "/dev/sda1");
  memory.WriteString(kBase + 64, "/mnt");
  memory.WriteString(kBase + 128, "ext4");
  const DecodedCall call = Decoded(
      "mount", {kBase, kBase + 64, kBase + 128, 0x1001, kUnmapped}, memory);
  CHECK(call.text == "/dev/sda1");
  CHECK(call.path == "/mnt");
  CHECK(call.file_system == "ext4");
  CHECK(call.flags == 0x1001);
  const DecodedCall bare = Decoded("mount", {0, kBase + 64, 0, 0x4000}, memory);
  CHECK(bare.text.empty());
  CHECK(bare.path == "/mnt");
  CHECK(bare.file_system.empty());
}

TEST_CASE("an attempt whose words cannot be read is decoded without them",
          "[decoder]") {
  CHECK(Decoded("mount", {kUnmapped, kUnmapped, kUnmapped, 7}).flags == 7);
  CHECK(Decoded("chroot", {kUnmapped}).path.empty());
  CHECK(Decoded("init_module", {0, 0, kUnmapped}).text.empty());
  CHECK(Decoded("setgroups", {3, kUnmapped}).groups.empty());
  CHECK_FALSE(Decoded("capset", {kUnmapped, kUnmapped}).capabilities);
}

TEST_CASE("capset gives both halves of each set", "[decoder]") {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct data[2] = {{1, 2, 3}, {4, 5, 6}};
  FakeMemory memory;
  memory.Write(kBase, BytesOf(header));
  memory.Write(kBase + 64, BytesOf(data));
  const auto sets = Decoded("capset", {kBase, kBase + 64}, memory).capabilities;
  REQUIRE(sets.has_value());
  CHECK(sets->effective == 0x400000001);
  CHECK(sets->permitted == 0x500000002);
  CHECK(sets->inheritable == 0x600000003);
  // The first version has one half, and nothing behind it.
  header.version = _LINUX_CAPABILITY_VERSION_1;
  memory.Write(kBase, BytesOf(header));
  const auto old = Decoded("capset", {kBase, kBase + 64}, memory).capabilities;
  REQUIRE(old.has_value());
  CHECK(old->effective == 1);
}

TEST_CASE("groups are read up to a limit, and the call is marked",
          "[decoder]") {
  const std::vector<uint32_t> many(kGroupCountLimit + 1, 7);
  FakeMemory memory;
  memory.Write(kBase, {reinterpret_cast<const char*>(many.data()),
                       many.size() * sizeof(uint32_t)});
  const DecodedCall two = Decoded("setgroups", {2, kBase}, memory);
  CHECK(two.groups == std::vector<uint32_t>{7, 7});
  CHECK_FALSE(two.truncated);
  for (const uint64_t count : {uint64_t{many.size()}, UINT64_MAX}) {
    const DecodedCall cut = Decoded("setgroups", {count, kBase}, memory);
    CHECK(cut.groups.size() == kGroupCountLimit);
    CHECK(cut.truncated);
  }
  CHECK(Decoded("setgroups", {0, 0}).groups.empty());
}

TEST_CASE("clone3 gives the flags out of its struct", "[decoder]") {
  clone_args arguments{};
  arguments.flags = 0x120000000;  // CLONE_CLEAR_SIGHAND | CLONE_NEWPID
  FakeMemory memory;
  memory.Write(kBase, BytesOf(arguments));
  CHECK(Decoded("clone3", {kBase, sizeof(arguments)}, memory).flags ==
        0x20000000);
}

TEST_CASE("a message gives the address that it goes to", "[decoder]") {
  const sockaddr_in address = Loopback(53);
  msghdr message{};
  message.msg_name = reinterpret_cast<void*>(kBase + 512);
  message.msg_namelen = sizeof(address);
  FakeMemory memory;
  memory.Write(kBase, BytesOf(message));
  memory.Write(kBase + 512, BytesOf(address));
  for (const absl::string_view name : {"sendmsg", "sendmmsg"}) {
    CHECK(Decoded(name, {3, kBase}, memory).address.port == 53);
  }
  message.msg_name = nullptr;
  memory.Write(kBase, BytesOf(message));
  CHECK(Decoded("sendmsg", {3, kBase}, memory).family == 0);
}

TEST_CASE("mknod gives type, permission bits and device", "[decoder]") {
  FakeMemory memory;
  memory.WriteString(kBase, "/tmp/sda");
  const DecodedCall call =
      Decoded("mknodat", {3, kBase, kGarbage | S_IFBLK | 0660, 0x801}, memory);
  CHECK(call.mode == (S_IFBLK | 0660));
  CHECK(call.node_device == 0x801);
}

TEST_CASE("memory is given by address, size and protection", "[decoder]") {
  const DecodedCall call =
      Decoded("mmap", {0x7f0000000000, 8192, 7, 0x22, UINT64_MAX, 0});
  CHECK(call.memory_address == 0x7f0000000000);
  CHECK(call.size == 8192);
  CHECK(call.protection == 7);
  CHECK(call.flags == 0x22);
  CHECK(call.fd == -1);
}

TEST_CASE("a signal is given with whom it goes to", "[decoder]") {
  const DecodedCall group = Decoded("kill", {uint64_t(-5), 9});
  CHECK(group.pid == -5);
  CHECK(group.signal == 9);
  const DecodedCall thread = Decoded("tgkill", {7, 8, 15});
  CHECK(thread.pid == 7);
  CHECK(thread.signal == 15);
  CHECK(Decoded("pidfd_send_signal", {4, 2}).fd == 4);
}

TEST_CASE("every call with a bad pointer is bad, and none crashes",
          "[decoder]") {
  const uint64_t bad = GENERATE(uint64_t{1}, kUnmapped, UINT64_MAX);
  for (const SyscallRow& row : SyscallTable()) {
    RegisterArguments arguments;
    arguments.fill(bad);
    bool reads = false;
    for (const Role role : row.roles) {
      reads |= role == Role::kPath || role == Role::kNewPath ||
               role == Role::kText || role == Role::kArgv ||
               role == Role::kOpenHow || role == Role::kSockaddr;
    }
    CAPTURE(row.name, bad);
    const auto call = Decode(row, arguments, FakeMemory());
    CHECK(call.ok() == !reads);
    if (reads) CHECK(call.status().code() == absl::StatusCode::kInternal);
  }
}

}  // namespace gatewatch::probes
