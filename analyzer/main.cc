// gatewatch-analyzer: flags, signals, exit codes. The rest is Analyzer.
#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "analyzer/analyzer.h"
#include "base/log.h"
#include "base/status.h"
#include "channel/flags.h"
#include "rules/shipped_rules.h"

namespace gatewatch {
namespace {

constexpr int kExitDamaged = 1;
constexpr int kExitUsage = 2;
// A container is usually killed ten seconds after its SIGTERM.
constexpr absl::Duration kShutdownPatience = absl::Seconds(5);

constexpr char kExamples[] = R"(Examples:
  gatewatch-analyzer
  gatewatch-analyzer --listen unix:/run/gatewatch.sock --store /data/gatewatch
  gatewatch-analyzer --rules /etc/gatewatch/rules --retention 30d
  gatewatch-analyzer --retention 30d --store-limit 20GB
  gatewatch-analyzer --store /data/gatewatch --check-store
  gatewatch-analyzer --lists /etc/gatewatch/lists --tuning /etc/gatewatch/tuning.yaml
  gatewatch-analyzer --listen 0.0.0.0:7443 --tls-cert analyzer.pem \
      --tls-key analyzer-key.pem --tls-ca ca.pem
  GATEWATCH_ANALYZER_LISTEN=127.0.0.1:7443,[::1]:7443 gatewatch-analyzer

A rule file in Falco's format adds to the rules that are built in, and may
override them. Rules, lists and tuning are read again when a file changes and on
SIGHUP; when something is wrong with them, those before stay at work, which
`gatewatch rules status` tells. Durations are written 30d, 12h, 10m, 90s.

Exit codes: 0 ended by SIGTERM or SIGINT; 1 --check-store found damage; 2 it
could not start.)";

struct Flags {
  std::vector<std::string> listen = {"127.0.0.1:7443"};
  std::string store = "/var/lib/gatewatch";
  std::vector<std::string> rules;
  std::string lists;
  std::string tuning;
  std::string retention = "7d";
  uint64_t store_limit = 0;
  std::string alert_retention = "90d";
  uint64_t alert_limit = 1'000'000;
  bool check_store = false;
  std::string fold_window = "10m";
  std::string fold_limit = "24h";
  std::string silence = "1m";
  std::string capture = "rules";
  channel::Settings channel;
  analyzer::IngestService::Limits limits;
};

void DeclareStore(CLI::App& app, Flags& flags) {
  app.add_option("--store", flags.store, "Folder for events and alerts")
      ->envname("GATEWATCH_ANALYZER_STORE")
      ->capture_default_str();
  app.add_option("--retention", flags.retention,
                 "Events older than this are deleted")
      ->envname("GATEWATCH_ANALYZER_RETENTION")
      ->capture_default_str();
  app.add_option("--store-limit", flags.store_limit,
                 "When events take more (20GB, 500MB), the oldest are "
                 "deleted; 0: no limit")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/true))
      ->envname("GATEWATCH_ANALYZER_STORE_LIMIT")
      ->capture_default_str();
  app.add_option("--alert-retention", flags.alert_retention,
                 "Alerts whose last event arrived longer ago are deleted")
      ->envname("GATEWATCH_ANALYZER_ALERT_RETENTION")
      ->capture_default_str();
  app.add_option("--alert-limit", flags.alert_limit,
                 "Of more alerts, the oldest are deleted")
      ->check(CLI::PositiveNumber)
      ->envname("GATEWATCH_ANALYZER_ALERT_LIMIT")
      ->capture_default_str();
  app.add_flag("--check-store", flags.check_store,
               "Read the whole store, recover what is damaged, say what was "
               "found, and end");
}

void DeclareLimits(CLI::App& app, analyzer::IngestService::Limits& limits) {
  constexpr char kGroup[] = "Limits for agents";
  app.add_option("--max-streams", limits.streams,
                 "Agents that report at the same time; each holds a thread")
      ->check(CLI::Range(1, 10'000))
      ->envname("GATEWATCH_ANALYZER_MAX_STREAMS")
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--max-streams-of-each", limits.streams_of_each,
                 "Of these, with the same certificate; at least 2, since an "
                 "agent that comes back may still have its former one")
      ->check(CLI::Range(2, 10'000))
      ->envname("GATEWATCH_ANALYZER_MAX_STREAMS_OF_EACH")
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--max-event-rate", limits.rates.events,
                 "Events a second of each agent, beyond which it is read from "
                 "more slowly; 0: any")
      ->envname("GATEWATCH_ANALYZER_MAX_EVENT_RATE")
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--max-byte-rate", limits.rates.bytes,
                 "Bytes a second of each agent, likewise; 0: any")
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false))
      ->envname("GATEWATCH_ANALYZER_MAX_BYTE_RATE")
      ->capture_default_str()
      ->group(kGroup);
}

void DeclareFolding(CLI::App& app, Flags& flags) {
  app.add_option("--fold-window", flags.fold_window,
                 "Repeats of an alert within this time are counted in it")
      ->envname("GATEWATCH_ANALYZER_FOLD_WINDOW")
      ->capture_default_str();
  app.add_option("--fold-limit", flags.fold_limit,
                 "What goes on for longer than this makes a new alert")
      ->envname("GATEWATCH_ANALYZER_FOLD_LIMIT")
      ->capture_default_str();
}

void Declare(CLI::App& app, Flags& flags) {
  app.footer(kExamples);
  app.add_option("--listen", flags.listen,
                 "Address to listen on, HOST:PORT or unix:/PATH; repeatable")
      ->envname("GATEWATCH_ANALYZER_LISTEN")
      ->delimiter(',')
      ->capture_default_str();
  DeclareStore(app, flags);
  app.add_option("--rules", flags.rules,
                 "Rule file, or folder of rule files; repeatable")
      ->envname("GATEWATCH_ANALYZER_RULES")
      ->delimiter(',');
  app.add_option("--lists", flags.lists,
                 "Folder of files NAME.txt, each a value a line, that replace "
                 "the lists NAME of the rules: addresses, domains, hashes")
      ->envname("GATEWATCH_ANALYZER_LISTS");
  app.add_option("--tuning", flags.tuning,
                 "Tuning file: what to change about rules here, exceptions, "
                 "suppressions")
      ->envname("GATEWATCH_ANALYZER_TUNING");
  app.add_option("--capture", flags.capture,
                 "What agents that attach or use eBPF capture: what the rules "
                 "need with processes and connections, or all")
      ->check(CLI::IsMember({"rules", "all"}))
      ->envname("GATEWATCH_ANALYZER_CAPTURE")
      ->capture_default_str();
  DeclareFolding(app, flags);
  app.add_option("--silence-after", flags.silence,
                 "An agent that is away for so long without a goodbye is told "
                 "of as an event, which the rule \"Agent silent\" alerts")
      ->envname("GATEWATCH_ANALYZER_SILENCE_AFTER")
      ->capture_default_str();
  channel::AddOptions(app, flags.channel, channel::End::kServer);
  DeclareLimits(app, flags.limits);
}

// Abseil's durations, and days.
absl::StatusOr<absl::Duration> ParseDuration(const std::string& flag,
                                             absl::string_view text) {
  absl::string_view days = text;
  const bool in_days = absl::ConsumeSuffix(&days, "d");
  absl::Duration duration;
  const std::string hours = absl::StrCat(days, "h");
  if (!absl::ParseDuration(in_days ? hours : std::string(text), &duration) ||
      duration < absl::ZeroDuration()) {
    return absl::InvalidArgumentError(absl::StrCat(
        flag, ": \"", text, "\" is no duration such as 7d or 10m"));
  }
  return in_days ? duration * 24 : duration;
}

absl::StatusOr<analyzer::AnalyzerOptions> OptionsOf(const Flags& flags) {
  analyzer::AnalyzerOptions options;
  options.listen = flags.listen;
  options.channel = flags.channel;
  options.limits = flags.limits;
  options.capture_all = flags.capture == "all";
  options.store_directory = flags.store;
  options.store_limit = flags.store_limit;
  options.alert_limit = flags.alert_limit;
  GATEWATCH_ASSIGN_OR_RETURN(options.retention,
                             ParseDuration("--retention", flags.retention));
  GATEWATCH_ASSIGN_OR_RETURN(
      options.alert_retention,
      ParseDuration("--alert-retention", flags.alert_retention));
  GATEWATCH_ASSIGN_OR_RETURN(options.fold_window,
                             ParseDuration("--fold-window", flags.fold_window));
  GATEWATCH_ASSIGN_OR_RETURN(options.fold_limit,
                             ParseDuration("--fold-limit", flags.fold_limit));
  GATEWATCH_ASSIGN_OR_RETURN(options.silence_patience,
                             ParseDuration("--silence-after", flags.silence));
  options.rules = {.built_in = ShippedRules(),
                   .rules = flags.rules,
                   .lists = flags.lists,
                   .tuning = flags.tuning};
  return options;
}

absl::StatusOr<int> PrintCheck(const analyzer::AnalyzerOptions& options) {
  GATEWATCH_ASSIGN_OR_RETURN(const analyzer::StoreCheck check,
                             analyzer::CheckStore(options));
  for (const std::string& line : check.found) printf("%s\n", line.c_str());
  return check.whole ? 0 : kExitDamaged;
}

absl::StatusOr<int> Run(const Flags& flags, const sigset_t& signals) {
  GATEWATCH_ASSIGN_OR_RETURN(analyzer::AnalyzerOptions options,
                             OptionsOf(flags));
  if (flags.check_store) return PrintCheck(options);
  GATEWATCH_ASSIGN_OR_RETURN(const std::unique_ptr<analyzer::Analyzer> analyzer,
                             analyzer::Analyzer::Start(std::move(options)));
  LogInfo("listening on ", absl::StrJoin(analyzer->addresses(), ", "), " with ",
          analyzer->rule_count(), " rules, storing in ", flags.store);
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
    LogInfo("reading the rules again on SIGHUP");
    analyzer->ReloadRules().IgnoreError();  // it has logged what is wrong
  }
  LogInfo("shutting down on signal ", signal);
  analyzer->Shutdown(kShutdownPatience);
  return 0;
}

int Main(int argc, char** argv) {
  // Before any thread starts, so that all inherit it and sigwait() alone
  // takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  CLI::App app("Receives what agents report, applies rules, answers queries.",
               "gatewatch-analyzer");
  Flags flags;
  Declare(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  channel::TakePemFromEnvironment(flags.channel);
  const absl::StatusOr<int> code = Run(flags, signals);
  if (code.ok()) return *code;
  fprintf(stderr, "gatewatch-analyzer: %s\n",
          std::string(code.status().message()).c_str());
  return kExitUsage;
}

}  // namespace
}  // namespace gatewatch

int main(int argc, char** argv) { return gatewatch::Main(argc, argv); }
