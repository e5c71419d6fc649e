#ifndef GATEWATCH_IAC_INJECT_VOCABULARY_H_
#define GATEWATCH_IAC_INJECT_VOCABULARY_H_

#include <string>

#include "absl/strings/string_view.h"
#include "iac/inject/target.h"

namespace gatewatch::iac {

// How ECS and Kubernetes name the same thing.
struct Vocabulary {
  const char* share_processes;  // the key, and its value that does
  const char* shared;
  const char* entry;      // what runs instead of the image's entry point
  const char* arguments;  // and instead of its command
  const char* mounts;
  const char* mounted_volume;  // within a mount
  const char* environment;
};

const Vocabulary& VocabularyOf(const Target& target);

// A key of ECS or Kubernetes as the file writes it: CloudFormation begins each
// with a capital.
std::string KeyFor(const Target& target, absl::string_view key);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_INJECT_VOCABULARY_H_
