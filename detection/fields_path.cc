// fs.path.*: the paths that a call names, whatever it calls its arguments.

#include "detection/field.h"

namespace gatewatch::detection {
namespace {

using v1::Event;
using v1::File;
using v1::FileChange;

void Text(absl::string_view text, Values& values) {
  if (!text.empty()) values.push_back(TextValue(text));
}

bool IsSymlink(const Event& event) {
  return event.file_change().operation() == FileChange::OPERATION_SYMLINK;
}

bool HasTwoPaths(const Event& event) {
  const FileChange::Operation operation = event.file_change().operation();
  return operation == FileChange::OPERATION_RENAME ||
         operation == FileChange::OPERATION_LINK || IsSymlink(event);
}

// The only path of a call that names one.
const File* OnlyOf(const Event& event) {
  if (event.has_file_open()) return &event.file_open().file();
  if (event.has_file_change() && !HasTwoPaths(event)) {
    return &event.file_change().file();
  }
  const bool mounts = event.has_mount_change();
  return mounts ? &event.mount_change().target() : nullptr;
}

const File* SourceOf(const Event& event) {
  return HasTwoPaths(event) ? &event.file_change().file() : nullptr;
}

const File* TargetOf(const Event& event) {
  return HasTwoPaths(event) ? &event.file_change().target() : nullptr;
}

using Which = const File* (*)(const Event& event);

template <Which kWhich>
void PathOf(const EventView& view, const FieldArgument&, Values& values) {
  const File* file = kWhich(*view.event);
  if (file == nullptr) return;
  // What a symbolic link holds is no path of its own yet.
  const bool held = file->path().empty() && IsSymlink(*view.event);
  Text(held ? file->raw_path() : file->path(), values);
}

template <Which kWhich>
void RawPathOf(const EventView& view, const FieldArgument&, Values& values) {
  const File* file = kWhich(*view.event);
  if (file != nullptr) Text(file->raw_path(), values);
}

void Inode(const EventView& view, const FieldArgument&, Values& values) {
  const File* file = OnlyOf(*view.event);
  if (file == nullptr || file->inode() == 0) return;
  values.push_back(NumberValue(static_cast<int64_t>(file->inode())));
}

void Device(const EventView& view, const FieldArgument&, Values& values) {
  const File* file = OnlyOf(*view.event);
  if (file == nullptr || file->device() == 0) return;
  values.push_back(NumberValue(static_cast<int64_t>(file->device())));
}

void WrittenBy(const EventView& view, const FieldArgument&, Values& values) {
  Text(view.event->file_open().written_by(), values);
}

using enum ValueType;

constexpr FieldRow kFields[] = {
    {"fs.path.name", kText, PathOf<OnlyOf>, "the path that a call names"},
    {"fs.path.nameraw", kText, RawPathOf<OnlyOf>, "as the program passed it"},
    {"fs.path.source", kText, PathOf<SourceOf>, "rename, link: the old name"},
    {"fs.path.sourceraw", kText, RawPathOf<SourceOf>, "as passed"},
    {"fs.path.target", kText, PathOf<TargetOf>, "rename, link: the new name"},
    {"fs.path.targetraw", kText, RawPathOf<TargetOf>, "as passed"},
    {"fd.ino", kNumber, Inode, "inode of the file"},
    {"fd.written_by", kText, WrittenBy,
     "open for reading: name of the process that wrote the file"},
    {"fd.dev", kNumber, Device, "device that holds it"},
};

}  // namespace

absl::Span<const FieldRow> PathFields() { return kFields; }

}  // namespace gatewatch::detection
