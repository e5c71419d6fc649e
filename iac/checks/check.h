#ifndef GATEWATCH_IAC_CHECKS_CHECK_H_
#define GATEWATCH_IAC_CHECKS_CHECK_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "iac/model/model.h"

namespace gatewatch::iac {

// kUnknown: nothing was found, since what the check asks is only decided at
// deployment. kError: what the platform refuses.
enum class Severity { kUnknown, kLow, kMedium, kHigh, kCritical, kError };

// "high". Null for a number that is none.
const char* SeverityName(Severity severity);

struct Check;

struct Finding {
  const Check* check = nullptr;
  Severity severity = Severity::kUnknown;
  Subject subject;
  Span place;
  std::string message;
};

struct CheckOptions {
  // What an image's name may begin with, besides a private ECR registry.
  std::vector<std::string> trusted_registries;
};

// What one check has to say.
class Report {
 public:
  // Appends to `findings`, which must outlive.
  Report(const Check& check, const CheckOptions& options,
         std::vector<Finding>& findings)
      : check_(check), options_(options), findings_(findings) {}

  const CheckOptions& options() const { return options_; }

  // With the check's own severity, or another one.
  void Add(const Subject& subject, const Span& place, std::string message);
  void Add(Severity severity, const Subject& subject, const Span& place,
           std::string message);
  // `what` is only known at deployment.
  void AddUnknown(const Subject& subject, const Span& place,
                  absl::string_view what);

 private:
  const Check& check_;
  const CheckOptions& options_;
  std::vector<Finding>& findings_;
};

// The kinds of input that a check covers, as bits.
enum Kinds : unsigned { kT = 1, kC = 2, kP = 4, kK = 8, kTcp = 7, kTcpk = 15 };

bool Covers(const Check& check, InputKind kind);

// One row a check; docs/lint.md shows the same.
struct Check {
  const char* id;    // "GWL001": never given to another check
  const char* name;  // "privileged-container"
  Severity severity;
  unsigned kinds;
  const char* reason;
  const char* fix;
  const char* peers;  // what others call it
  void (*run)(const Model& model, Report& report);
};

// In the order of their ids.
absl::Span<const Check> AllChecks();

// By id or name; null when there is none.
const Check* FindCheck(absl::string_view id_or_name);

// Runs all checks that cover the model's kind.
std::vector<Finding> RunChecks(const Model& model, const CheckOptions& options);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_CHECKS_CHECK_H_
