#include "channel/credentials.h"

#include <grpc/grpc_security.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <stdlib.h>

#include <utility>

#include "absl/time/clock.h"
#include "base/status.h"
#include "channel/certificate_watch.h"
#include "channel/identity.h"

namespace gatewatch::channel {
namespace {

// gRPC 1.51 always offers TLS 1.2 and has no setting against that. What it
// has is the list of ciphers for TLS 1.2 and older: with one that needs a
// shared key, which no one has, only TLS 1.3 can be agreed on (ADR 6).
// gRPC reads it once, when the first credentials are used.
void RequireTls13() {
  ::setenv("GRPC_SSL_CIPHER_SUITES", "PSK-AES128-GCM-SHA256", /*replace=*/1);
}

absl::string_view View(const grpc_slice& slice) {
  return {reinterpret_cast<const char*>(GRPC_SLICE_START_PTR(slice)),
          GRPC_SLICE_LENGTH(slice)};
}

std::vector<std::string> UrisOf(const grpc_auth_context* context) {
  std::vector<std::string> uris;
  grpc_auth_property_iterator iterator =
      grpc_auth_context_find_properties_by_name(context,
                                                GRPC_PEER_URI_PROPERTY_NAME);
  while (const grpc_auth_property* property =
             grpc_auth_property_iterator_next(&iterator)) {
    uris.emplace_back(property->value, property->value_length);
  }
  return uris;
}

absl::string_view MethodIn(const grpc_metadata* metadata, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (View(metadata[i].key) == ":path") return View(metadata[i].value);
  }
  return "";
}

// gRPC calls it before a call reaches any service, known or not.
void JudgeCall(void* state, grpc_auth_context* context,
               const grpc_metadata* metadata, size_t count,
               grpc_process_auth_metadata_done_cb done, void* user_data) {
  const auto& authorize = *static_cast<const Authorize*>(state);
  const absl::Status status =
      authorize(UrisOf(context), MethodIn(metadata, count));
  done(user_data, nullptr, 0, nullptr, 0,
       static_cast<grpc_status_code>(status.code()),
       status.ok() ? nullptr : std::string(status.message()).c_str());
}

// gRPC calls it at each handshake, one at a time.
grpc_ssl_certificate_config_reload_status FetchConfig(
    void* watch, grpc_ssl_server_certificate_config** config) {
  const Identity* identity = static_cast<CertificateWatch*>(watch)->TakeNew();
  if (identity == nullptr) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  const grpc_ssl_pem_key_cert_pair pair = {identity->key.c_str(),
                                           identity->certificate.c_str()};
  *config =
      grpc_ssl_server_certificate_config_create(identity->ca.c_str(), &pair, 1);
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

// gRPC's C++ library has no constructor for credentials that fetch their
// certificates; its C library has.
class FetchingServerCredentials final : public grpc::ServerCredentials {
 public:
  FetchingServerCredentials(CertificateWatch watch, Authorize authorize)
      : watch_(std::move(watch)),
        credentials_(grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(
                GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY,
                FetchConfig, &watch_))) {
    grpc_server_credentials_set_auth_metadata_processor(
        credentials_,
        {JudgeCall, [](void* state) { delete static_cast<Authorize*>(state); },
         new Authorize(std::move(authorize))});
  }
  ~FetchingServerCredentials() override {
    grpc_server_credentials_release(credentials_);
  }

  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {
    GATEWATCH_CHECK(false && "what a call may do is fixed at construction");
  }

 private:
  int AddPortToServer(const std::string& address,
                      grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  CertificateWatch watch_;
  grpc_server_credentials* const credentials_;
};

}  // namespace

absl::StatusOr<Connection> Connect(const Address& address,
                                   const Settings& settings,
                                   grpc::ChannelArguments arguments) {
  GATEWATCH_ASSIGN_OR_RETURN(const Protection protection,
                             ProtectionAt(address, settings));
  if (protection == Protection::kPlaintext) {
    return Connection{
        grpc::CreateCustomChannel(
            address.text, grpc::InsecureChannelCredentials(), arguments),
        protection};
  }
  GATEWATCH_ASSIGN_OR_RETURN(Identity identity,
                             LoadValidIdentity(settings, absl::Now()));
  if (!settings.server_name.empty()) {
    arguments.SetSslTargetNameOverride(settings.server_name);
  }
  const auto credentials =
      grpc::SslCredentials({.pem_root_certs = std::move(identity.ca),
                            .pem_private_key = std::move(identity.key),
                            .pem_cert_chain = std::move(identity.certificate)});
  return Connection{
      grpc::CreateCustomChannel(address.text, credentials, arguments),
      protection};
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerCredentials(
    const Settings& settings, Authorize authorize) {
  RequireTls13();
  GATEWATCH_ASSIGN_OR_RETURN(CertificateWatch watch,
                             CertificateWatch::Open(settings));
  return std::make_shared<FetchingServerCredentials>(std::move(watch),
                                                     std::move(authorize));
}

}  // namespace gatewatch::channel
