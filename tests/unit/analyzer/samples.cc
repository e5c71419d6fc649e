#include "tests/unit/analyzer/samples.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include "catch2/catch.hpp"

namespace gatewatch::analyzer {

TempDirectory::TempDirectory() {
  // The store waits for the disk at every turn; memory answers at once.
  const bool has_memory = std::filesystem::is_directory("/dev/shm");
  const std::filesystem::path parent =
      has_memory ? "/dev/shm" : std::filesystem::temp_directory_path();
  std::string name = (parent / "analyzer-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TempDirectory::~TempDirectory() { std::filesystem::remove_all(path_); }

std::vector<std::string> TempDirectory::Files(const std::string& part) const {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(path_)) {
    const std::string name = file.path().filename().string();
    if (name.find(part) != std::string::npos) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

v1::Batch Opens(uint64_t first_sequence, int count, const std::string& path) {
  v1::Batch batch;
  v1::Process& shell = *batch.add_processes();
  shell.set_key("proc-0");
  shell.set_revision(1);
  shell.mutable_executable()->set_path("/bin/sh");
  v1::Process& cat = *batch.add_processes();
  cat.set_key("proc-1");
  cat.set_revision(1);
  cat.set_container_id("web");
  cat.mutable_parent()->set_key("proc-0");
  cat.mutable_parent()->set_revision(1);
  cat.mutable_executable()->set_path("/bin/cat");
  batch.add_containers()->set_id("web");
  for (int i = 0; i < count; ++i) {
    v1::Event& event = *batch.add_events();
    event.set_sequence(first_sequence + static_cast<uint64_t>(i));
    event.set_time_ns(event.sequence() * kSecond);
    event.set_syscall("openat");
    event.mutable_process()->set_key("proc-1");
    event.mutable_process()->set_revision(1);
    event.mutable_file_open()->mutable_file()->set_path(path);
  }
  return batch;
}

Report ReportOf(const v1::Batch& batch, const std::string& agent_id,
                uint64_t epoch) {
  static const v1::Workload workload;
  return {.agent_id = agent_id,
          .epoch = epoch,
          .workload = workload,
          .batch = batch};
}

std::vector<uint64_t> Sequences(EventScan scan) {
  std::vector<uint64_t> sequences;
  while (true) {
    const auto more = scan.Next();
    REQUIRE(more.ok());
    if (!*more) return sequences;
    sequences.push_back(scan.Record()->event().sequence());
  }
}

}  // namespace gatewatch::analyzer
