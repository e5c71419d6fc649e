#include "bench/recording.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/json.h"

namespace gatewatch::bench {

void Fail(absl::string_view what) {
  std::cerr << "bench: " << what << "\n";
  std::exit(2);
}

Recording::Recording(const char* path) {
  std::ifstream file(path);
  if (!file) Fail(absl::StrCat("cannot read ", path));
  for (std::string line; std::getline(file, line);) {
    v1::EventRecord record;
    const auto status = FromJson(line, record);
    if (!status.ok()) Fail(status.message());
    Keep(record);
  }
  if (events_.empty()) Fail(absl::StrCat(path, " holds no events"));
}

void Recording::Keep(v1::EventRecord& record) {
  detection::EventView& view = views_.emplace_back();
  view.event = &events_.emplace_back(std::move(*record.mutable_event()));
  if (record.has_process()) view.process = Shared(record.process());
  std::vector<const v1::Process*>& ancestors = ancestors_.emplace_back();
  for (const v1::Process& ancestor : record.ancestors()) {
    ancestors.push_back(Shared(ancestor));
  }
  view.ancestors = ancestors;
  view.container =
      &containers_.emplace(record.container().id(), record.container())
           .first->second;
  view.workload = &workload_;
}

const v1::Process* Recording::Shared(const v1::Process& process) {
  const std::string state =
      absl::StrCat(process.key(), "/", process.revision());
  return &processes_.emplace(state, process).first->second;
}

}  // namespace gatewatch::bench
