#include "probes/bpf/record.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "probes/procfs/parsers.h"

namespace gatewatch::probes {
namespace {

constexpr uint64_t kNanosPerTick = 10'000'000;     // USER_HZ is 100 everywhere
constexpr uint64_t kAnonymousInodes = 0x09041934;  // ANON_INODE_FS_MAGIC
constexpr uint64_t kNamespaces = 0x6e736673;       // NSFS_MAGIC
constexpr int kAddressFamilyUnix = 1;
constexpr int kAddressFamilyInet = 2;

// The struct at the beginning of `bytes`.
template <typename T>
std::optional<T> Front(absl::string_view bytes) {
  T value;
  if (bytes.size() < sizeof(value)) return std::nullopt;
  memcpy(&value, bytes.data(), sizeof(value));
  return value;
}

template <typename T>
std::optional<T> StructOf(const Record& record, gw_section_kind kind,
                          int subject) {
  const Record::Section* section = record.Find(kind, subject);
  if (section == nullptr) return std::nullopt;
  return Front<T>(section->bytes);
}

std::string UnixName(const Record& record, gw_section_kind kind, int subject) {
  const Record::Section* section = record.Find(kind, subject);
  if (section == nullptr) return "";
  absl::string_view name = section->bytes;
  // A path ends at its NUL; an abstract name begins with one.
  if (!name.empty() && name[0] != '\0') name = name.substr(0, name.find('\0'));
  return std::string(name);
}

Address InetAddress(uint16_t family, const __u8 (&ip)[16], uint16_t port) {
  const bool set = port != 0 || std::any_of(std::begin(ip), std::end(ip),
                                            [](__u8 b) { return b != 0; });
  if (!set) return {};
  const auto* bytes = reinterpret_cast<const char*>(ip);
  constexpr absl::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  if (family == kAddressFamilyInet) return {std::string(bytes, 4), port, ""};
  if (absl::string_view(bytes, 12) == kMapped) {
    return {std::string(bytes + 12, 4), port, ""};
  }
  return {std::string(bytes, 16), port, ""};
}

// /proc's form: an 8-bit major between the minor's two halves.
uint32_t TerminalNumber(const gw_task& task) {
  const uint32_t minor = task.tty_minor + task.tty_index;
  return (minor & 0xff) | (task.tty_major << 8) | ((minor & ~0xffu) << 12);
}

}  // namespace

const Record::Section* Record::Find(gw_section_kind kind, int subject) const {
  for (const Section& section : sections) {
    if (section.head.kind == kind && section.head.subject == subject) {
      return &section;
    }
  }
  return nullptr;
}

absl::StatusOr<Record> ParseRecord(absl::string_view bytes) {
  const auto head = Front<gw_record>(bytes);
  if (!head || head->data_size != bytes.size() - sizeof(*head)) {
    return absl::InvalidArgumentError("the record has not the size it tells");
  }
  Record record{*head, {}};
  bytes.remove_prefix(sizeof(*head));
  while (!bytes.empty()) {
    const auto section = Front<gw_section>(bytes);
    if (!section || section->size > bytes.size() - sizeof(*section)) {
      return absl::InvalidArgumentError("a section does not fit its record");
    }
    bytes.remove_prefix(sizeof(*section));
    record.sections.push_back({*section, bytes.substr(0, section->size)});
    const size_t padded = (size_t{section->size} + 7) / 8 * 8;
    bytes.remove_prefix(std::min(padded, bytes.size()));
  }
  return record;
}

std::string RecordedPath(const Record& record, int subject) {
  const Record::Section* section = record.Find(GW_DIRECTORY, subject);
  if (section == nullptr) return "";
  const std::vector<absl::string_view> names =
      absl::StrSplit(section->bytes, '\0', absl::SkipEmpty());
  std::string path;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    absl::StrAppend(&path, "/", *name);
  }
  if (path.empty() && (section->head.flags & GW_WHOLE) != 0) return "/";
  return path;
}

std::string RecordedLink(const Record& record, int subject) {
  const auto file = RecordedFile(record, subject);
  if (!file) return "";
  const Record::Section* path = record.Find(GW_DIRECTORY, subject);
  const bool detached = path == nullptr || (path->head.flags & GW_WHOLE) == 0;
  if (S_ISSOCK(file->mode)) return absl::StrCat("socket:[", file->inode, "]");
  if (S_ISFIFO(file->mode) && detached) {
    return absl::StrCat("pipe:[", file->inode, "]");
  }
  std::string link = RecordedPath(record, subject);
  if (file->magic == kNamespaces && link.size() > 1) {
    return absl::StrCat(link.substr(1), ":[", file->inode, "]");
  }
  if (file->magic == kAnonymousInodes) return absl::StrCat("anon_inode:", link);
  if (file->links == 0) absl::StrAppend(&link, " (deleted)");
  return link;
}

std::optional<gw_file> RecordedFile(const Record& record, int subject) {
  return StructOf<gw_file>(record, GW_FILE_INFO, subject);
}

std::optional<Socket> RecordedSocket(const Record& record, int subject) {
  const auto told = StructOf<gw_socket>(record, GW_SOCKET_INFO, subject);
  if (!told) return std::nullopt;
  Socket socket;
  socket.family = told->family;
  socket.type = told->type;
  socket.protocol = told->protocol;
  if (told->family == kAddressFamilyUnix) {
    socket.local.path = UnixName(record, GW_LOCAL_NAME, subject);
    socket.remote.path = UnixName(record, GW_REMOTE_NAME, subject);
  } else {
    socket.local = InetAddress(told->family, told->local, told->local_port);
    socket.remote = InetAddress(told->family, told->remote, told->remote_port);
  }
  return socket;
}

Descriptor RecordedDescriptor(const Record& record, int subject) {
  const std::string link = RecordedLink(record, subject);
  if (link.empty()) return {DescriptorKind::kClosed};
  Descriptor descriptor = ParseDescriptorLink(link);
  descriptor.socket = RecordedSocket(record, subject);
  return descriptor;
}

Executable RecordedExecutable(const Record& record) {
  Executable executable =
      ParseExecutableLink(RecordedLink(record, GW_EXECUTABLE));
  if (const auto file = RecordedFile(record, GW_EXECUTABLE)) {
    executable.inode = file->inode;
    executable.device = UserDevice(file->device);
    executable.modify_time_ns = file->modify_time_ns;
    executable.change_time_ns = file->change_time_ns;
    executable.on_overlay = file->magic == OVERLAYFS_SUPER_MAGIC;
  }
  return executable;
}

uint64_t UserDevice(uint32_t kernel_device) {
  return makedev(kernel_device >> 20, kernel_device & 0xfffff);
}

ProcessSnapshot RecordedProcess(const gw_task& task) {
  ProcessSnapshot process;
  process.id = {static_cast<pid_t>(task.pid), task.start_ns / kNanosPerTick};
  if (task.parent_pid != 0) {
    process.parent = {static_cast<pid_t>(task.parent_pid),
                      task.parent_start_ns / kNanosPerTick};
  }
  process.namespace_pid = static_cast<pid_t>(task.namespace_pid);
  process.process_group = static_cast<pid_t>(task.process_group);
  process.session = static_cast<pid_t>(task.session);
  process.tty = TerminalNumber(task);
  process.name = std::string(task.name, strnlen(task.name, sizeof(task.name)));
  process.credentials = {task.uid,
                         task.effective_uid,
                         task.saved_uid,
                         task.gid,
                         task.effective_gid,
                         task.saved_gid,
                         task.effective_capabilities,
                         task.permitted_capabilities,
                         task.login_uid};
  process.pid_namespace = task.pid_namespace;
  process.mount_namespace = task.mount_namespace;
  return process;
}

absl::StatusOr<size_t> RecordedMemory::Read(RemoteAddress address, void* into,
                                            size_t size) const {
  const auto at = static_cast<uint64_t>(address);
  for (const Record::Section& section : record_.sections) {
    const uint64_t begin = section.head.address;
    if (section.head.kind != GW_MEMORY || at < begin ||
        at - begin >= section.bytes.size()) {
      continue;
    }
    const absl::string_view held = section.bytes.substr(at - begin);
    const size_t got = std::min(size, held.size());
    memcpy(into, held.data(), got);
    return got;
  }
  return absl::InternalError("the record does not hold that memory");
}

}  // namespace gatewatch::probes
