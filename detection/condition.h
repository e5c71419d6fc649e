#ifndef GATEWATCH_DETECTION_CONDITION_H_
#define GATEWATCH_DETECTION_CONDITION_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "detection/event_view.h"
#include "gatewatch/v1/alert.pb.h"

namespace gatewatch::detection {

class CompiledCondition;

// A condition in Falco's language, as `--where` takes it (no macros or lists).
//
// Threads: const methods from any thread.
class Condition {
 public:
  // INVALID_ARGUMENT with the position (column, from 1) and what was
  // expected. Conditions longer than 1 MiB or nested deeper than 256 are
  // refused.
  static absl::StatusOr<Condition> Parse(absl::string_view text);

  Condition(Condition&&) noexcept;
  Condition& operator=(Condition&&) noexcept;
  ~Condition();

  bool Matches(const EventView& event) const;
  // The comparisons that held and why; empty when the condition does not
  // match.
  std::vector<v1::Reason> Explain(const EventView& event) const;

  // Valid as long as this.
  const CompiledCondition& compiled() const { return *compiled_; }

 private:
  explicit Condition(std::unique_ptr<CompiledCondition> compiled);
  std::unique_ptr<CompiledCondition> compiled_;
};

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_CONDITION_H_
