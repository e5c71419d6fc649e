#ifndef GATEWATCH_DETECTION_NARROWING_H_
#define GATEWATCH_DETECTION_NARROWING_H_

// What a condition says of a part of an event, for those who have many events
// and want to look at few. They may leave out what is told here, and nothing
// else; the condition itself decides about the rest.

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "detection/compiled_condition.h"
#include "detection/event_view.h"
#include "detection/text_index.h"

namespace gatewatch::detection {

// How much of an event is known.
enum class KnownPart {
  kSource,  // its workload and agent
  kOrigin,  // these, its container and its call (evt.type)
};

// False: the condition holds for no event with this part. Of the view, the
// rest is not looked at; `event` must not be null.
bool MayHold(const CompiledCondition& condition, KnownPart known,
             const EventView& part);

// Patterns one of which a value of the field fulfils in every event that the
// condition holds for. Nothing: it holds for others, too.
std::optional<std::vector<TextPattern>> NecessaryTexts(
    const CompiledCondition& condition, absl::string_view field);

// Whether the text is as the pattern says.
bool Fulfils(absl::string_view text, const TextPattern& pattern);

}  // namespace gatewatch::detection

#endif  // GATEWATCH_DETECTION_NARROWING_H_
