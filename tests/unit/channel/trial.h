#ifndef GATEWATCH_TESTS_UNIT_CHANNEL_TRIAL_H_
#define GATEWATCH_TESTS_UNIT_CHANNEL_TRIAL_H_

#include <string>

#include "absl/time/time.h"
#include "channel/settings.h"
#include "channel/trial_authority.h"

namespace gatewatch::channel::testing {

// A folder with a CA, in which certificates are issued.
class Trial {
 public:
  Trial();
  ~Trial();

  std::string Path(const std::string& name) const;
  void Write(const std::string& name, const std::string& content) const;
  IssuedCertificate Issue(const std::string& uri, absl::Time from,
                          absl::Time until) const;
  // Puts what was issued into own.pem and own-key.pem.
  void Install(const IssuedCertificate& issued) const;

  const IssuedCertificate& authority() const { return authority_; }
  // Of the files own.pem, own-key.pem and ca.pem.
  Settings settings() const;

 private:
  std::string directory_;
  IssuedCertificate authority_;
};

}  // namespace gatewatch::channel::testing

#endif  // GATEWATCH_TESTS_UNIT_CHANNEL_TRIAL_H_
