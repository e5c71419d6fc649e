#ifndef GATEWATCH_IAC_INJECT_NAMES_H_
#define GATEWATCH_IAC_INJECT_NAMES_H_

namespace gatewatch::iac {

// What inject calls the things that it inserts, and knows them by.
inline constexpr char kAgentContainer[] = "gatewatch-agent";
inline constexpr char kLauncherContainer[] = "gatewatch-launcher";
inline constexpr char kVolume[] = "gatewatch";
inline constexpr char kMountPath[] = "/opt/gatewatch";
inline constexpr char kLauncher[] = "/opt/gatewatch/gatewatch-launch";

// In the agent's environment: which keys inject made (ADR 8).
inline constexpr char kRecordVariable[] = "GATEWATCH_INJECTED";

// A tag, docker label or annotation: "true" or "false".
inline constexpr char kOptionKey[] = "gatewatch.inject";
// An annotation: containers to leave alone, separated by commas.
inline constexpr char kExcludeKey[] = "gatewatch.inject.exclude";

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_INJECT_NAMES_H_
