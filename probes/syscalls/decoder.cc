#include "probes/syscalls/decoder.h"

#include <linux/capability.h>
#include <linux/openat2.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/status.h"
#include "probes/syscalls/sockaddr.h"

namespace gatewatch::probes {
namespace {

absl::Status ReadText(const RemoteMemory& memory, uint64_t address,
                      std::string& into, bool& truncated) {
  GATEWATCH_ASSIGN_OR_RETURN(
      BoundedText text,
      memory.ReadString(static_cast<RemoteAddress>(address), kPathLimit));
  into = std::move(text.text);
  truncated |= text.truncated;
  return absl::OkStatus();
}

// Empty when it cannot be read, unless for want of the process.
absl::Status ReadOptionalText(const RemoteMemory& memory, uint64_t address,
                              std::string& into, bool& truncated) {
  const absl::Status status = ReadText(memory, address, into, truncated);
  return absl::IsNotFound(status) ? status : absl::OkStatus();
}

// All of `size` bytes, or none.
absl::StatusOr<bool> ReadWhole(const RemoteMemory& memory, uint64_t address,
                               void* into, size_t size) {
  const auto got = memory.Read(static_cast<RemoteAddress>(address), into, size);
  if (absl::IsNotFound(got.status())) return got.status();
  return got.ok() && *got == size;
}

absl::Status ReadGroups(const RemoteMemory& memory, uint64_t address,
                        uint64_t count, DecodedCall& call) {
  // The kernel takes the lower half of the register (an int).
  const size_t want =
      std::min<size_t>(static_cast<uint32_t>(count), kGroupCountLimit);
  call.truncated |= static_cast<uint32_t>(count) > want;
  std::array<uint32_t, kGroupCountLimit> groups;
  GATEWATCH_ASSIGN_OR_RETURN(
      const bool read,
      ReadWhole(memory, address, groups.data(), want * sizeof(uint32_t)));
  if (read) call.groups.assign(groups.begin(), groups.begin() + want);
  return absl::OkStatus();
}

absl::Status ReadCapabilities(const RemoteMemory& memory, uint64_t header_at,
                              uint64_t data_at, DecodedCall& call) {
  __user_cap_header_struct header{};
  GATEWATCH_ASSIGN_OR_RETURN(
      bool read, ReadWhole(memory, header_at, &header, sizeof(header)));
  if (!read) return absl::OkStatus();
  // Version 1 has 32 capabilities, the later ones twice as many.
  std::array<__user_cap_data_struct, 2> data{};
  const size_t halves = header.version == _LINUX_CAPABILITY_VERSION_1 ? 1 : 2;
  GATEWATCH_ASSIGN_OR_RETURN(
      read, ReadWhole(memory, data_at, data.data(), halves * sizeof(data[0])));
  if (!read) return absl::OkStatus();
  const auto whole = [](uint32_t low, uint32_t high) {
    return uint64_t{high} << 32 | low;
  };
  call.capabilities = {whole(data[0].effective, data[1].effective),
                       whole(data[0].permitted, data[1].permitted),
                       whole(data[0].inheritable, data[1].inheritable)};
  return absl::OkStatus();
}

// The flags alone, which come first.
absl::Status ReadCloneArguments(const RemoteMemory& memory, uint64_t address,
                                DecodedCall& call) {
  uint64_t flags = 0;
  GATEWATCH_ASSIGN_OR_RETURN(const bool read,
                             ReadWhole(memory, address, &flags, sizeof(flags)));
  if (read) call.flags = static_cast<uint32_t>(flags);
  return absl::OkStatus();
}

absl::Status ReadArgv(const RemoteMemory& memory, uint64_t address,
                      DecodedCall& call) {
  GATEWATCH_ASSIGN_OR_RETURN(
      RemoteMemory::StringArray argv,
      memory.ReadStrings(static_cast<RemoteAddress>(address),
                         kArgumentCountLimit, kArgumentBytesLimit));
  call.argv = std::move(argv.strings);
  call.argv_truncated = argv.truncated;
  call.truncated |= argv.truncated;
  return absl::OkStatus();
}

absl::Status ReadOpenHow(const RemoteMemory& memory, uint64_t address,
                         DecodedCall& call) {
  open_how how{};
  GATEWATCH_ASSIGN_OR_RETURN(
      const size_t got,
      memory.Read(static_cast<RemoteAddress>(address), &how, sizeof(how)));
  if (got < sizeof(how)) return absl::InternalError("open_how is cut");
  call.flags = static_cast<uint32_t>(how.flags);
  call.mode = static_cast<uint32_t>(how.mode);
  return absl::OkStatus();
}

absl::Status ReadSockaddr(const RemoteMemory& memory, uint64_t address,
                          uint64_t length, DecodedCall& call) {
  std::array<char, sizeof(sockaddr_storage)> bytes;
  // The kernel takes the lower half of the register (an int).
  const size_t want =
      std::min<size_t>(static_cast<uint32_t>(length), bytes.size());
  if (want == 0) return absl::OkStatus();
  GATEWATCH_ASSIGN_OR_RETURN(
      const size_t got,
      memory.Read(static_cast<RemoteAddress>(address), bytes.data(), want));
  ParsedSockaddr parsed = ParseSockaddr({bytes.data(), got});
  call.family = parsed.family;
  call.address = std::move(parsed.address);
  return absl::OkStatus();
}

// The address of a message; of an array of them, of the first.
absl::Status ReadMessage(const RemoteMemory& memory, uint64_t address,
                         DecodedCall& call) {
  msghdr message{};
  GATEWATCH_ASSIGN_OR_RETURN(
      const bool read, ReadWhole(memory, address, &message, sizeof(message)));
  if (!read || message.msg_name == nullptr) return absl::OkStatus();
  return ReadSockaddr(memory, reinterpret_cast<uint64_t>(message.msg_name),
                      message.msg_namelen, call);
}

// One argument by its role.
absl::Status DecodeArgument(const SyscallRow& row, size_t index,
                            const RegisterArguments& arguments,
                            const RemoteMemory& memory, DecodedCall& call) {
  const uint64_t value = arguments[index];
  const auto word = static_cast<uint32_t>(value);
  const auto number = static_cast<int>(word);
  switch (row.roles[index]) {
    case Role::kUnused:
    case Role::kLength:  // read with the address before it
    case Role::kEnvp:    // read from /proc when the new image has it
      break;
    case Role::kPath:
      return ReadText(memory, value, call.path, call.truncated);
    case Role::kNewPath:
      return ReadText(memory, value, call.new_path, call.truncated);
    case Role::kText:
      return ReadText(memory, value, call.text, call.truncated);
    case Role::kOptionalText:
      return ReadOptionalText(memory, value, call.text, call.truncated);
    case Role::kMountPoint:
      return ReadOptionalText(memory, value, call.path, call.truncated);
    case Role::kFileSystem:
      return ReadOptionalText(memory, value, call.file_system, call.truncated);
    case Role::kGroups:
      return ReadGroups(memory, value, arguments[index - 1], call);
    case Role::kCapabilities:
      return ReadCapabilities(memory, arguments[index - 1], value, call);
    case Role::kCloneArguments:
      return ReadCloneArguments(memory, value, call);
    case Role::kMessage:
      return ReadMessage(memory, value, call);
    case Role::kArgv:
      return ReadArgv(memory, value, call);
    case Role::kOpenHow:
      return ReadOpenHow(memory, value, call);
    case Role::kSockaddr:
      return ReadSockaddr(memory, value, arguments[index + 1], call);
    // clang-format off
    case Role::kDirFd: call.dir_fd = number; break;
    case Role::kNewDirFd: call.new_dir_fd = number; break;
    case Role::kFlags: call.flags = word; break;
    case Role::kMode: call.mode = word & 07777; break;
    case Role::kFd: call.fd = number; break;
    case Role::kNewFd: call.new_fd = number; break;
    case Role::kFamily: call.family = word; break;
    case Role::kSocketType: call.socket_type = word & 0xf; break;
    case Role::kProtocol: call.protocol = word; break;
    case Role::kPid: call.pid = number; break;
    case Role::kRequest: call.request = static_cast<int64_t>(value); break;
    case Role::kStatus: call.status = number & 0xff; break;
    case Role::kUid: call.uid = word; break;
    case Role::kEffectiveUid: call.effective_uid = word; break;
    case Role::kSavedUid: call.saved_uid = word; break;
    case Role::kGid: call.gid = word; break;
    case Role::kEffectiveGid: call.effective_gid = word; break;
    case Role::kSavedGid: call.saved_gid = word; break;
    case Role::kFileSystemUid: call.file_system_uid = word; break;
    case Role::kFileSystemGid: call.file_system_gid = word; break;
    case Role::kSignal: call.signal = number; break;
    case Role::kCommand: call.request = number; break;
    case Role::kPidFd: call.fd = number; break;
    case Role::kNodeMode: call.mode = word & (S_IFMT | 07777); break;
    case Role::kDevice: call.node_device = word; break;
    case Role::kAddress: call.memory_address = value; break;
    case Role::kSize: call.size = value; break;
    case Role::kProtection: call.protection = word; break;
      // clang-format on
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DecodedCall> Decode(const SyscallRow& row,
                                   const RegisterArguments& arguments,
                                   const RemoteMemory& memory) {
  DecodedCall call;
  for (size_t i = 0; i < arguments.size(); ++i) {
    GATEWATCH_RETURN_IF_ERROR(DecodeArgument(row, i, arguments, memory, call));
  }
  // creat(2) is open(2) with these flags and has no flags argument.
  if (row.name == "creat") call.flags = O_CREAT | O_WRONLY | O_TRUNC;
  return call;
}

}  // namespace gatewatch::probes
