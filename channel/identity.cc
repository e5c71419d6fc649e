#include "channel/identity.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/files.h"
#include "base/status.h"
#include "channel/openssl.h"

namespace gatewatch::channel {
namespace {

constexpr size_t kMaxPem = 1 << 20;

// A source, read.
struct Material {
  std::string pem;
  std::string place;  // for messages
};

absl::StatusOr<Material> Read(const Source& source, absl::string_view what,
                              const char* variable) {
  if (source.file.empty()) {
    return Material{source.pem, absl::StrCat("the ", what, " in ", variable)};
  }
  auto content = ReadFile(source.file, kMaxPem);
  if (content.ok()) {
    return Material{*std::move(content),
                    absl::StrCat("the ", what, " ", source.file)};
  }
  return absl::InvalidArgumentError(
      absl::StrCat("cannot read the ", what, " ", content.status().message(),
                   ": name a PEM file that this user may read"));
}

absl::Status Bad(const Material& material, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(material.place, " ", what));
}

absl::Time ToTime(const ASN1_TIME* time) {
  tm parts = {};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::vector<std::string> UrisOf(const X509& certificate) {
  std::vector<std::string> uris;
  const NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (names == nullptr) return uris;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
    uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                      static_cast<size_t>(ASN1_STRING_length(uri)));
  }
  return uris;
}

// The first of the certificates; all of them are read.
absl::StatusOr<CertificatePtr> ParseCertificates(const Material& material) {
  ERR_clear_error();
  const BioPtr reader = ReaderOf(material.pem);
  CertificatePtr first = ReadCertificate(*reader);
  if (first == nullptr) {
    return Bad(material,
               absl::StrCat("holds no certificate (", LastOpenSslError(),
                            "): give PEM text that begins with -----BEGIN "
                            "CERTIFICATE-----"));
  }
  while (ReadCertificate(*reader) != nullptr) {
  }
  const bool at_end =
      ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string error = LastOpenSslError();
  if (at_end) return first;
  return Bad(material, absl::StrCat("holds a damaged certificate after its "
                                    "first (",
                                    error, "): give whole PEM texts"));
}

absl::StatusOr<KeyPtr> ParseKey(const Material& material) {
  ERR_clear_error();
  KeyPtr key = ReadKey(*ReaderOf(material.pem));
  if (key != nullptr) return key;
  return Bad(material,
             absl::StrCat("holds no private key (", LastOpenSslError(),
                          "): give PEM text that begins with -----BEGIN "
                          "PRIVATE KEY-----, without a passphrase"));
}

}  // namespace

absl::StatusOr<Identity> LoadIdentity(const Settings& settings) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Material certificate_pem,
      Read(settings.certificate, "TLS certificate", "GATEWATCH_TLS_CERT_PEM"));
  GATEWATCH_ASSIGN_OR_RETURN(
      Material key_pem, Read(settings.key, "TLS key", "GATEWATCH_TLS_KEY_PEM"));
  GATEWATCH_ASSIGN_OR_RETURN(
      Material ca_pem,
      Read(settings.ca, "TLS CA certificate", "GATEWATCH_TLS_CA_PEM"));
  GATEWATCH_ASSIGN_OR_RETURN(const CertificatePtr certificate,
                             ParseCertificates(certificate_pem));
  GATEWATCH_ASSIGN_OR_RETURN(const KeyPtr key, ParseKey(key_pem));
  GATEWATCH_RETURN_IF_ERROR(ParseCertificates(ca_pem).status());
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return Bad(key_pem,
               absl::StrCat("does not belong to ", certificate_pem.place,
                            ": give the two that were issued "
                            "together"));
  }
  return Identity{.certificate = std::move(certificate_pem.pem),
                  .key = std::move(key_pem.pem),
                  .ca = std::move(ca_pem.pem),
                  .uris = UrisOf(*certificate),
                  .not_before = ToTime(X509_get0_notBefore(certificate.get())),
                  .not_after = ToTime(X509_get0_notAfter(certificate.get())),
                  .certificate_place = std::move(certificate_pem.place)};
}

absl::Status CheckValidity(const Identity& identity, absl::Time now) {
  const auto write = [](absl::Time time) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
  };
  if (now > identity.not_after) {
    return absl::FailedPreconditionError(absl::StrCat(
        identity.certificate_place, " expired at ", write(identity.not_after),
        ": issue another and put it in its place"));
  }
  if (now < identity.not_before) {
    return absl::FailedPreconditionError(
        absl::StrCat(identity.certificate_place, " is not valid before ",
                     write(identity.not_before),
                     ": check this host's clock, or issue another"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Identity> LoadValidIdentity(const Settings& settings,
                                           absl::Time now) {
  GATEWATCH_ASSIGN_OR_RETURN(Identity identity, LoadIdentity(settings));
  GATEWATCH_RETURN_IF_ERROR(CheckValidity(identity, now));
  return identity;
}

}  // namespace gatewatch::channel
