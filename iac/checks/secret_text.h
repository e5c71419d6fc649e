#ifndef GATEWATCH_IAC_CHECKS_SECRET_TEXT_H_
#define GATEWATCH_IAC_CHECKS_SECRET_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace gatewatch::iac {

// Whether a variable, option or label of this name usually holds a secret.
bool IsSecretName(absl::string_view name);

// What kind of secret a text holds, by the forms that are known ("an AWS
// access key", "a private key"); empty when none is seen. A word drawn by lot
// counts when the name it is under says that it is a secret, not here.
std::string KnownSecret(absl::string_view text);

// Whether a value could be the secret itself: not empty, not a number, a path,
// an ARN or a placeholder.
bool CouldBeSecret(absl::string_view value);

// Whether a text without blanks looks drawn by lot: long, of many kinds of
// characters, with much information in each.
bool LooksRandom(absl::string_view value);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_CHECKS_SECRET_TEXT_H_
