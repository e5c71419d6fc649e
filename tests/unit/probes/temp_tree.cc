#include "tests/unit/probes/temp_tree.h"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace gatewatch::testing {
namespace {

namespace fs = std::filesystem;

void MakeWayTo(const std::string& path) {
  fs::create_directories(fs::path(path).parent_path());
}

}  // namespace

TempTree::TempTree() {
  std::string name = (fs::temp_directory_path() / "gatewatch.XXXXXX").string();
  GATEWATCH_CHECK(::mkdtemp(name.data()) != nullptr);
  path_ = fs::canonical(name).string();
}

TempTree::~TempTree() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TempTree::Path(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

void TempTree::Directory(absl::string_view name) const {
  fs::create_directories(Path(name));
}

void TempTree::File(absl::string_view name, absl::string_view content) const {
  MakeWayTo(Path(name));
  std::ofstream(Path(name), std::ios::binary)
      .write(content.data(), static_cast<std::streamsize>(content.size()));
}

void TempTree::Link(absl::string_view name, absl::string_view target) const {
  MakeWayTo(Path(name));
  fs::create_symlink(std::string(target), Path(name));
}

void TempTree::Remove(absl::string_view name) const {
  fs::remove_all(Path(name));
}

void TempTree::Stat(pid_t pid, absl::string_view name, char state, pid_t parent,
                    uint64_t start_ticks) const {
  File(absl::StrCat(pid, "/stat"),
       absl::StrCat(pid, " (", name, ") ", std::string(1, state), " ", parent,
                    " ", pid, " ", pid,
                    " 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 ", start_ticks,
                    " 0 0\n"));
}

void TempTree::Process(pid_t pid, pid_t parent, uint64_t start_ticks,
                       absl::string_view name) const {
  Stat(pid, name, 'S', parent, start_ticks);
  File(absl::StrCat(pid, "/comm"), absl::StrCat(name, "\n"));
  File(absl::StrCat(pid, "/status"),
       absl::StrCat("Name:\t", name, "\nTgid:\t", pid, "\nNSpid:\t", pid,
                    "\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n"));
}

void TempTree::Zombie(pid_t pid, pid_t parent, uint64_t start_ticks) const {
  Stat(pid, "app", 'Z', parent, start_ticks);
}

}  // namespace gatewatch::testing
