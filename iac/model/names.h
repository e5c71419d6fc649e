#ifndef GATEWATCH_IAC_MODEL_NAMES_H_
#define GATEWATCH_IAC_MODEL_NAMES_H_

namespace gatewatch::iac {

// A tag, docker label or annotation, with a check's id behind it: its value is
// the reason why that check is to be silent.
inline constexpr char kIgnoreKey[] = "gatewatch.ignore.";

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_NAMES_H_
