#ifndef GATEWATCH_IAC_MODEL_SETTING_H_
#define GATEWATCH_IAC_MODEL_SETTING_H_

#include <string>
#include <utility>
#include <vector>

#include "iac/document.h"

namespace gatewatch::iac {

// What a file says of a value: nothing, the value, or something that is only
// decided at deployment (a parameter, an intrinsic, a plan's unknown).
enum class Presence { kAbsent, kKnown, kUnknown };

// A value with where it stands; of an absent one, where it would stand: the
// mapping that lacks it.
template <typename T>
struct Setting {
  Presence presence = Presence::kAbsent;
  // Of an unknown text, what is known of it: "${…}" for each unknown part,
  // named after what it refers to, so that equal texts are equal values.
  // Otherwise meaningless unless known.
  T value{};
  Span place;

  bool absent() const { return presence == Presence::kAbsent; }
  bool known() const { return presence == Presence::kKnown; }
  bool unknown() const { return presence == Presence::kUnknown; }
  // Known, and this.
  bool Is(const T& other) const { return known() && value == other; }
};

using Text = Setting<std::string>;
using Flag = Setting<bool>;
using Number = Setting<double>;
// Unknown: the list as a whole. Its items may be unknown each for itself.
using TextList = Setting<std::vector<Text>>;

struct NamedText {
  std::string name;
  Text value;
};

// The texts of a list that are known, or known in part, joined by blanks.
std::string Joined(const TextList& list);

// Whether the list or one of its items is unknown.
bool HoldsUnknown(const TextList& list);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_SETTING_H_
