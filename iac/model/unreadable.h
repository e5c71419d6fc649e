#ifndef GATEWATCH_IAC_MODEL_UNREADABLE_H_
#define GATEWATCH_IAC_MODEL_UNREADABLE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace gatewatch::iac {

// What a text looks like to somebody who cannot parse it.
struct Looks {
  // Like a task definition, a template, a plan or a manifest: it must not pass
  // for something else because it is broken.
  bool like_ours = false;
  // What makes it unreadable, as written: "{{ .Values.image }}", "$IMAGE".
  std::string placeholder;
  bool is_helm = false;
};

Looks LooksOf(absl::string_view bytes);

// The parser's error, with what to do about a template's placeholders.
absl::Status Unreadable(const absl::Status& error, const Looks& looks);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_UNREADABLE_H_
