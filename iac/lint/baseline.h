#ifndef GATEWATCH_IAC_LINT_BASELINE_H_
#define GATEWATCH_IAC_LINT_BASELINE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "iac/checks/check.h"

namespace gatewatch::iac {

// What tells a finding from others wherever its lines move to: its check, file,
// subject and message.
std::string FingerprintOf(const std::string& file, const Finding& finding);

// Findings that were there before, and are to be mended some other day: each
// as often as it was found.
class Baseline {
 public:
  // Errors: INVALID_ARGUMENT with what is wrong with the text.
  static absl::StatusOr<Baseline> Parse(const std::string& text);

  void Add(const std::string& file, const Finding& finding);

  // Whether there is one more of this; takes it out.
  bool Take(const std::string& file, const Finding& finding);

  // JSON, with a line for each finding.
  std::string Text() const;

 private:
  struct Entry {
    std::string check;
    std::string file;
    std::string subject;
    std::string message;
    int count = 0;
  };
  static Entry EntryOf(const std::string& file, const Finding& finding);
  static std::string KeyOf(const Entry& entry);
  friend std::string FingerprintOf(const std::string& file,
                                   const Finding& finding);

  std::map<std::string, Entry> entries_;  // by their keys
};

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_LINT_BASELINE_H_
