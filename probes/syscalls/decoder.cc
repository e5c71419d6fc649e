#include "probes/syscalls/decoder.h"

#include <linux/openat2.h>
#include <sys/socket.h>

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
