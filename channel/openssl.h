#ifndef GATEWATCH_CHANNEL_OPENSSL_H_
#define GATEWATCH_CHANNEL_OPENSSL_H_

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

// OpenSSL's objects, owned. For the sources of this folder alone.
namespace gatewatch::channel {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using BioPtr = std::unique_ptr<BIO, Free<BIO_free_all>>;
using CertificatePtr = std::unique_ptr<X509, Free<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;

// Null: there is none. Never asks for a passphrase.
CertificatePtr ReadCertificate(BIO& pem);
KeyPtr ReadKey(BIO& pem);

// Reads from `text`, which must outlive it.
BioPtr ReaderOf(absl::string_view text);

// What OpenSSL says of its last failure; forgets it.
std::string LastOpenSslError();

}  // namespace gatewatch::channel

#endif  // GATEWATCH_CHANNEL_OPENSSL_H_
