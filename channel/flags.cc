#include "channel/flags.h"

#include <cstdlib>

#include "CLI/CLI.hpp"

namespace gatewatch::channel {
namespace {

constexpr char kGroup[] = "Secure channel";

struct SourceRow {
  Source Settings::*source;
  const char* flag;
  const char* file_variable;
  const char* pem_variable;
  const char* help;
};

constexpr SourceRow kSources[] = {
    {&Settings::certificate, "--tls-cert", "GATEWATCH_TLS_CERT",
     "GATEWATCH_TLS_CERT_PEM",
     "PEM file of the own certificate and its chain; the text itself may be "
     "in GATEWATCH_TLS_CERT_PEM instead"},
    {&Settings::key, "--tls-key", "GATEWATCH_TLS_KEY", "GATEWATCH_TLS_KEY_PEM",
     "PEM file of its private key; or GATEWATCH_TLS_KEY_PEM"},
    {&Settings::ca, "--tls-ca", "GATEWATCH_TLS_CA", "GATEWATCH_TLS_CA_PEM",
     "PEM file of the CA whose certificates are believed; or "
     "GATEWATCH_TLS_CA_PEM"},
};

}  // namespace

void AddOptions(CLI::App& app, Settings& settings, End end) {
  for (const SourceRow& row : kSources) {
    app.add_option(row.flag, (settings.*row.source).file, row.help)
        ->envname(row.file_variable)
        ->type_name("FILE")
        ->group(kGroup);
  }
  if (end == End::kClient) {
    app.add_option("--tls-server-name", settings.server_name,
                   "Name that the analyzer's certificate must bear (default: "
                   "the host of its address)")
        ->envname("GATEWATCH_TLS_SERVER_NAME")
        ->type_name("NAME")
        ->group(kGroup);
  }
  app.add_flag("--insecure-plaintext", settings.insecure_plaintext,
               "Allow plaintext beyond this host: anyone between can read and "
               "forge it")
      ->envname("GATEWATCH_INSECURE_PLAINTEXT")
      ->group(kGroup);
}

void TakePemFromEnvironment(Settings& settings) {
  for (const SourceRow& row : kSources) {
    const char* pem = std::getenv(row.pem_variable);
    if (pem == nullptr) continue;
    (settings.*row.source).pem = pem;
    ::unsetenv(row.pem_variable);
  }
}

}  // namespace gatewatch::channel
