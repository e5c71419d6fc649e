#include "channel/openssl.h"

#include <openssl/err.h>
#include <openssl/pem.h>

namespace gatewatch::channel {
namespace {

int NoPassphrase(char*, int, int, void*) { return -1; }

}  // namespace

CertificatePtr ReadCertificate(BIO& pem) {
  return CertificatePtr(
      PEM_read_bio_X509(&pem, nullptr, NoPassphrase, nullptr));
}

KeyPtr ReadKey(BIO& pem) {
  return KeyPtr(PEM_read_bio_PrivateKey(&pem, nullptr, NoPassphrase, nullptr));
}

BioPtr ReaderOf(absl::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string LastOpenSslError() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

}  // namespace gatewatch::channel
