#include "analyzer/batch_check.h"

#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

using States = absl::flat_hash_set<std::pair<absl::string_view, uint32_t>>;

absl::Status Invalid(const absl::AlphaNum& a, const absl::AlphaNum& b = "",
                     const absl::AlphaNum& c = "") {
  return absl::InvalidArgumentError(absl::StrCat(a, b, c));
}

bool IsKey(absl::string_view key) {
  return !key.empty() && key.size() <= kMaxKeyBytes;
}

absl::Status CheckCounts(const v1::Batch& batch) {
  if (batch.ByteSizeLong() > kMaxBatchBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a batch may hold ", kMaxBatchBytes, " bytes"));
  }
  if (batch.events_size() > kMaxEvents) return Invalid("too many events");
  if (batch.processes_size() > kMaxProcesses) {
    return Invalid("too many processes");
  }
  if (batch.containers_size() > kMaxContainers) {
    return Invalid("too many containers");
  }
  for (const v1::Container& container : batch.containers()) {
    if (container.ByteSizeLong() > kMaxContainerBytes) {
      return Invalid("a container may take ", kMaxContainerBytes, " bytes");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckProcesses(const v1::Batch& batch, States& states) {
  for (const v1::Process& process : batch.processes()) {
    if (!IsKey(process.key())) {
      return Invalid("a process key has 1 to ", kMaxKeyBytes, " bytes");
    }
    if (process.has_parent() && !IsKey(process.parent().key())) {
      return Invalid("process ", process.key(), " has a parent without a key");
    }
    if (process.ByteSizeLong() > kMaxProcessBytes) {
      return Invalid("a process may take ", kMaxProcessBytes, " bytes");
    }
    states.emplace(process.key(), process.revision());
  }
  return absl::OkStatus();
}

absl::Status CheckEvent(const v1::Event& event, uint64_t expected,
                        const States& states) {
  // The last number is ours to count up from.
  if (event.sequence() == 0 || event.sequence() >= INT64_MAX) {
    return Invalid("event sequence numbers count from 1");
  }
  if (event.sequence() != expected) {
    return Invalid(absl::StrCat("event ", event.sequence(), " where ", expected,
                                " was expected"));
  }
  if (event.ByteSizeLong() > kMaxEventBytes) {
    return Invalid("an event may take ", kMaxEventBytes, " bytes");
  }
  if (!event.has_process()) return absl::OkStatus();
  if (states.contains({event.process().key(), event.process().revision()})) {
    return absl::OkStatus();
  }
  return Invalid("event ", event.sequence(),
                 " refers to a process that is not in the batch");
}

}  // namespace

absl::Status CheckHello(const v1::Hello& hello) {
  if (hello.agent_id().empty() || hello.agent_id().size() > kMaxAgentIdBytes) {
    return Invalid("agent_id has 1 to ", kMaxAgentIdBytes, " bytes");
  }
  if (hello.epoch() == 0 || hello.epoch() > INT64_MAX) {
    return Invalid("epoch is a time in Unix nanoseconds");
  }
  if (hello.ByteSizeLong() > kMaxHelloBytes) {
    return Invalid("Hello may take ", kMaxHelloBytes, " bytes");
  }
  return absl::OkStatus();
}

absl::Status CheckBatch(const v1::Batch& batch) {
  GATEWATCH_RETURN_IF_ERROR(CheckCounts(batch));
  States states;
  GATEWATCH_RETURN_IF_ERROR(CheckProcesses(batch, states));
  if (batch.events().empty()) return absl::OkStatus();
  uint64_t expected = batch.events(0).sequence();
  for (const v1::Event& event : batch.events()) {
    GATEWATCH_RETURN_IF_ERROR(CheckEvent(event, expected, states));
    ++expected;
  }
  return absl::OkStatus();
}

}  // namespace gatewatch::analyzer
