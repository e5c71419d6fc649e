#include "channel/trial_authority.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "channel/openssl.h"

namespace gatewatch::channel {
namespace {

constexpr int kVersion3 = 2;  // counted from 0
constexpr int kSerialBits = 159;
constexpr size_t kMaxCommonName = 64;  // of X.509; nothing reads it
constexpr char kAuthorityName[] = "Gatewatch trial CA";

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Free<BN_free>>;

absl::Status Failed(absl::string_view what) {
  return absl::InternalError(absl::StrCat(what, ": ", LastOpenSslError()));
}

bool SetTimes(X509& certificate, const ValidTime& valid) {
  return ASN1_TIME_set(X509_getm_notBefore(&certificate),
                       absl::ToTimeT(valid.from)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(&certificate),
                       absl::ToTimeT(valid.until)) != nullptr;
}

bool SetSerial(X509& certificate) {
  const NumberPtr serial(BN_new());
  return BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ANY,
                 BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(),
                            X509_get_serialNumber(&certificate)) != nullptr;
}

bool SetName(X509& certificate, const std::string& name) {
  return X509_NAME_add_entry_by_txt(
             X509_get_subject_name(&certificate), "CN", MBSTRING_UTF8,
             reinterpret_cast<const unsigned char*>(name.data()),
             static_cast<int>(std::min(name.size(), kMaxCommonName)), -1,
             0) == 1;
}

// A constant of ours only: OpenSSL takes `value` for a configuration.
bool AddExtension(X509& certificate, X509& issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension != nullptr &&
         X509_add_ext(&certificate, extension.get(), -1) == 1;
}

// Everything but the extensions and the signature.
absl::StatusOr<CertificatePtr> Begin(const std::string& name, EVP_PKEY& key,
                                     const ValidTime& valid) {
  CertificatePtr certificate(X509_new());
  if (certificate == nullptr ||
      X509_set_version(certificate.get(), kVersion3) != 1 ||
      !SetSerial(*certificate) || !SetTimes(*certificate, valid) ||
      !SetName(*certificate, name) ||
      X509_set_pubkey(certificate.get(), &key) != 1) {
    return Failed("cannot make a certificate");
  }
  return certificate;
}

std::string Contents(BIO& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(&bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

absl::StatusOr<IssuedCertificate> Finish(X509& certificate, EVP_PKEY& key,
                                         EVP_PKEY& signer) {
  const BioPtr certificate_pem(BIO_new(BIO_s_mem()));
  const BioPtr key_pem(BIO_new(BIO_s_mem()));
  if (X509_sign(&certificate, &signer, EVP_sha256()) == 0 ||
      PEM_write_bio_X509(certificate_pem.get(), &certificate) != 1 ||
      PEM_write_bio_PrivateKey(key_pem.get(), &key, nullptr, nullptr, 0,
                               nullptr, nullptr) != 1) {
    return Failed("cannot sign a certificate");
  }
  return IssuedCertificate{Contents(*certificate_pem), Contents(*key_pem)};
}

bool Append(GENERAL_NAMES& names, int type, const std::string& text) {
  std::unique_ptr<GENERAL_NAME, Free<GENERAL_NAME_free>> name(
      GENERAL_NAME_new());
  ASN1_STRING* value =
      type == GEN_IPADD ? a2i_IPADDRESS(text.c_str()) : ASN1_IA5STRING_new();
  if (name == nullptr || value == nullptr) return false;
  if (type != GEN_IPADD) {
    ASN1_STRING_set(value, text.data(), static_cast<int>(text.size()));
  }
  GENERAL_NAME_set0_value(name.get(), type, value);
  return sk_GENERAL_NAME_push(&names, name.release()) > 0;
}

bool IsDnsName(absl::string_view name) {
  return !name.empty() && name.size() <= 253 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  absl::StrContains(".-_*", absl::string_view(&c, 1));
         });
}

absl::StatusOr<NamesPtr> NamesOf(const CertificateRequest& request) {
  NamesPtr names(GENERAL_NAMES_new());
  for (const std::string& dns : request.dns_names) {
    if (!IsDnsName(dns) || !Append(*names, GEN_DNS, dns)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", dns, "\" is no DNS name"));
    }
  }
  for (const std::string& ip : request.ip_addresses) {
    if (!Append(*names, GEN_IPADD, ip)) {
      ERR_clear_error();
      return absl::InvalidArgumentError(
          absl::StrCat("\"", ip, "\" is no IP address"));
    }
  }
  if (!request.uri.empty()) Append(*names, GEN_URI, request.uri);
  if (sk_GENERAL_NAME_num(names.get()) > 0) return names;
  return absl::InvalidArgumentError("a certificate without a name");
}

absl::Status CheckOutlives(const X509& authority, const ValidTime& valid) {
  time_t until = absl::ToTimeT(valid.until);
  if (X509_cmp_time(X509_get0_notAfter(&authority), &until) > 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "the certificate would outlive its CA: ask for fewer --days, or make "
      "another CA");
}

}  // namespace

absl::StatusOr<IssuedCertificate> MakeTrialAuthority(const ValidTime& valid) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) return Failed("cannot make a key");
  GATEWATCH_ASSIGN_OR_RETURN(const CertificatePtr certificate,
                             Begin(kAuthorityName, *key, valid));
  X509& ca = *certificate;
  if (X509_set_issuer_name(&ca, X509_get_subject_name(&ca)) != 1 ||
      !AddExtension(ca, ca, NID_basic_constraints,
                    "critical,CA:TRUE,pathlen:0") ||
      !AddExtension(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !AddExtension(ca, ca, NID_subject_key_identifier, "hash")) {
    return Failed("cannot make a CA");
  }
  return Finish(ca, *key, *key);
}

absl::StatusOr<IssuedCertificate> IssueCertificate(
    const IssuedCertificate& authority, const CertificateRequest& request) {
  const CertificatePtr ca = ReadCertificate(*ReaderOf(authority.certificate));
  const KeyPtr ca_key = ReadKey(*ReaderOf(authority.key));
  if (ca == nullptr || ca_key == nullptr ||
      X509_check_private_key(ca.get(), ca_key.get()) != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "no CA and key that belong together: ", LastOpenSslError()));
  }
  GATEWATCH_RETURN_IF_ERROR(CheckOutlives(*ca, request.valid));
  GATEWATCH_ASSIGN_OR_RETURN(const NamesPtr names, NamesOf(request));
  const KeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) return Failed("cannot make a key");
  GATEWATCH_ASSIGN_OR_RETURN(const CertificatePtr certificate,
                             Begin(request.common_name, *key, request.valid));
  X509& leaf = *certificate;
  // One purpose each, so that no agent can pose as the analyzer.
  const char* const purpose = request.uri.empty() ? "serverAuth" : "clientAuth";
  if (X509_set_issuer_name(&leaf, X509_get_subject_name(ca.get())) != 1 ||
      !AddExtension(leaf, *ca, NID_basic_constraints, "critical,CA:FALSE") ||
      !AddExtension(leaf, *ca, NID_key_usage, "critical,digitalSignature") ||
      !AddExtension(leaf, *ca, NID_ext_key_usage, purpose) ||
      !AddExtension(leaf, *ca, NID_authority_key_identifier, "keyid") ||
      X509_add1_ext_i2d(&leaf, NID_subject_alt_name, names.get(), 0, 0) != 1) {
    return Failed("cannot make a certificate");
  }
  return Finish(leaf, *key, *ca_key);
}

}  // namespace gatewatch::channel
