#include "cli/command_certs.h"

#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/escape.h"
#include "base/files.h"
#include "base/status.h"
#include "channel/peer_name.h"
#include "channel/trial_authority.h"
#include "cli/exit_code.h"

namespace gatewatch::cli {
namespace {

constexpr mode_t kPublic = 0644;
constexpr mode_t kPrivate = 0600;
constexpr mode_t kPrivateFolder = 0700;
constexpr char kAuthorityStem[] = "ca";
constexpr char kAnalyzerRole[] = "analyzer";
constexpr int kMaxDays = 36'500;
// Clocks differ.
constexpr absl::Duration kSlack = absl::Minutes(5);

constexpr char kExamples[] =
    "Example, for a trial on one host:\n"
    "  gatewatch certs init certs\n"
    "  gatewatch certs issue --role analyzer --dns localhost --ip 127.0.0.1 "
    "certs\n"
    "  gatewatch certs issue --role agent --name web-1 certs\n"
    "  gatewatch certs issue --role agent --name 'ecs/*' certs\n"
    "  gatewatch certs issue --role analyst --name alice certs\n"
    "A name that ends in * is the beginning of the agents' ids that may use "
    "it.\n"
    "For trials: the CA's key lies unprotected beside what it signs, and "
    "nothing is\nrevoked. For production let a CA of yours sign certificates "
    "with the same names.\n";

struct Options {
  std::string directory;
  std::string role;
  std::string name;
  std::vector<std::string> dns;
  std::vector<std::string> ip;
  std::string from;
  std::string out;
  int days = 0;
};

std::string PathOf(const Options& options, absl::string_view stem,
                   absl::string_view rest) {
  return absl::StrCat(options.directory, "/", stem, rest);
}

absl::StatusOr<channel::ValidTime> ValidTimeOf(const Options& options) {
  channel::ValidTime valid = {absl::Now() - kSlack, absl::InfinitePast()};
  std::string error;
  if (!options.from.empty() &&
      !absl::ParseTime(absl::RFC3339_full, options.from, &valid.from, &error)) {
    return absl::InvalidArgumentError(absl::StrCat("--from: \"", options.from,
                                                   "\" is no time such as "
                                                   "2026-01-31T12:00:00Z"));
  }
  const absl::Time begin = options.from.empty() ? absl::Now() : valid.from;
  valid.until = begin + absl::Hours(24) * options.days;
  return valid;
}

// The key first: whoever follows the files takes a set only once it fits.
absl::Status Write(const Options& options, absl::string_view stem,
                   const channel::IssuedCertificate& issued,
                   const Invocation& invocation) {
  const std::string key = PathOf(options, stem, "-key.pem");
  const std::string certificate = PathOf(options, stem, ".pem");
  GATEWATCH_RETURN_IF_ERROR(ReplaceFile(key, issued.key, kPrivate));
  GATEWATCH_RETURN_IF_ERROR(
      ReplaceFile(certificate, issued.certificate, kPublic));
  invocation.out << EscapeForTerminal(certificate) << "\n"
                 << EscapeForTerminal(key) << "\n";
  return absl::OkStatus();
}

absl::Status Init(const Options& options, const Invocation& invocation) {
  std::error_code error;
  if (std::filesystem::create_directories(options.directory, error)) {
    ::chmod(options.directory.c_str(), kPrivateFolder);
  }
  if (error) return ErrnoStatus(error.value(), options.directory);
  const std::string key = PathOf(options, kAuthorityStem, "-key.pem");
  if (std::filesystem::exists(key, error)) {
    return absl::InvalidArgumentError(absl::StrCat(
        key,
        " exists, and certificates that it has signed may be in use: "
        "choose another folder, or delete it"));
  }
  GATEWATCH_ASSIGN_OR_RETURN(const channel::ValidTime valid,
                             ValidTimeOf(options));
  GATEWATCH_ASSIGN_OR_RETURN(const channel::IssuedCertificate authority,
                             channel::MakeTrialAuthority(valid));
  return Write(options, kAuthorityStem, authority, invocation);
}

absl::StatusOr<channel::CertificateRequest> RequestOf(const Options& options) {
  GATEWATCH_ASSIGN_OR_RETURN(const channel::ValidTime valid,
                             ValidTimeOf(options));
  channel::CertificateRequest request = {.common_name = options.name,
                                         .dns_names = options.dns,
                                         .ip_addresses = options.ip,
                                         .valid = valid};
  const bool names_host = !options.dns.empty() || !options.ip.empty();
  if (options.role == kAnalyzerRole) {
    if (request.common_name.empty()) request.common_name = kAnalyzerRole;
    if (names_host) return request;
    return absl::InvalidArgumentError(
        "an analyzer needs --dns or --ip: the names that agents and analysts "
        "connect to");
  }
  if (options.name.empty() || names_host) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an ", options.role, " needs --name, and neither --dns nor --ip"));
  }
  request.uri = absl::StrCat("gatewatch://", options.role, "/", options.name);
  GATEWATCH_RETURN_IF_ERROR(channel::ParsePeerName(request.uri).status());
  return request;
}

// A name as a file may bear it: "agent-ecs_any" of "ecs/*".
std::string StemOf(const Options& options) {
  if (!options.out.empty()) return options.out;
  if (options.role == kAnalyzerRole) return kAnalyzerRole;
  std::string stem = absl::StrCat(options.role, "-");
  for (const char c : options.name) {
    const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                       c == '-' || c == '.';
    absl::StrAppend(&stem, c == '*' ? "any" : plain ? std::string(1, c) : "_");
  }
  return stem;
}

absl::Status Issue(const Options& options, const Invocation& invocation) {
  const auto hint = [&options](const absl::Status& status) {
    return absl::InvalidArgumentError(
        absl::StrCat(status.message(), ": gatewatch certs init ",
                     options.directory, " makes a CA"));
  };
  const auto certificate = ReadFile(PathOf(options, kAuthorityStem, ".pem"));
  if (!certificate.ok()) return hint(certificate.status());
  const auto key = ReadFile(PathOf(options, kAuthorityStem, "-key.pem"));
  if (!key.ok()) return hint(key.status());
  GATEWATCH_ASSIGN_OR_RETURN(const channel::CertificateRequest request,
                             RequestOf(options));
  GATEWATCH_ASSIGN_OR_RETURN(
      const channel::IssuedCertificate issued,
      channel::IssueCertificate({*certificate, *key}, request));
  return Write(options, StemOf(options), issued, invocation);
}

using Action = absl::Status (*)(const Options&, const Invocation&);

CLI::App* AddAction(CLI::App& certs, const char* name, const char* what,
                    int days, Action action,
                    const std::shared_ptr<Options>& options,
                    Invocation& invocation) {
  CLI::App* command = certs.add_subcommand(name, what);
  command->footer(kExamples);
  options->days = days;
  command->add_option("DIR", options->directory, "folder of the CA")
      ->required();
  command->add_option("--days", options->days, "how long it is valid")
      ->check(CLI::Range(1, kMaxDays))
      ->capture_default_str();
  command->add_option("--from", options->from,
                      "first moment of it, such as 2026-01-31T12:00:00Z "
                      "(default: now)");
  command->callback([options, action, &invocation] {
    invocation.action = [options, action, &invocation]() -> int {
      const absl::Status done = action(*options, invocation);
      if (done.ok()) return kExitOk;
      // A file that is not there is a wrong argument, not an empty answer.
      return Fail(invocation, absl::InvalidArgumentError(done.message()));
    };
  });
  return command;
}

}  // namespace

void AddCertsCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* certs = app.add_subcommand(
      "certs", "Make a CA and certificates to try the secure channel with");
  certs->footer(kExamples);
  certs->require_subcommand(1);
  // Shared by the option parser, which fills them, and the actions.
  AddAction(*certs, "init", "Make a CA: ca.pem and ca-key.pem", 365, Init,
            std::make_shared<Options>(), invocation);
  const auto options = std::make_shared<Options>();
  CLI::App* issue = AddAction(
      *certs, "issue", "Issue a certificate, in the place of an older one", 30,
      Issue, options, invocation);
  issue
      ->add_option("--role", options->role,
                   "what its holder is: analyzer, agent or analyst")
      ->check(CLI::IsMember({kAnalyzerRole, "agent", "analyst"}))
      ->required();
  issue->add_option("--name", options->name,
                    "an agent's id, or the beginning of ids and *; an "
                    "analyst's name");
  issue->add_option("--dns", options->dns,
                    "a name of the analyzer's host; may be repeated");
  issue->add_option("--ip", options->ip,
                    "an address of the analyzer's host; may be repeated");
  issue->add_option("--out", options->out,
                    "name of the files, without .pem (default: from role and "
                    "name)");
  for (const char* option : {"--dns", "--ip"}) {
    issue->get_option(option)->expected(1)->allow_extra_args(false)->take_all();
  }
}

}  // namespace gatewatch::cli
