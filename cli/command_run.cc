#include "cli/command_run.h"

#include <unistd.h>

#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "agent/agent.h"
#include "agent/launch_command.h"
#include "analyzer/analyzer.h"
#include "base/base32.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "cli/client.h"
#include "cli/exit_code.h"
#include "cli/render_alert.h"
#include "cli/rule_options.h"
#include "cli/temp_directory.h"
#include "detection/rule_set.h"
#include "rules/shipped_rules.h"

namespace gatewatch::cli {
namespace {

// How long what was observed may take to become alerts.
constexpr absl::Duration kPatience = absl::Seconds(30);

struct Options {
  detection::RulePaths rules;
  std::string store;
  std::vector<std::string> command;
};

// Writes each alert once, whether a watch or a list brings it.
//
// Threads: any.
class AlertPrinter {
 public:
  explicit AlertPrinter(const Invocation& invocation)
      : invocation_(invocation) {}

  void Print(const v1::Alert& alert) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (!printed_.insert(alert.id()).second) return;
    if (invocation_.json) {
      WriteJsonLine(alert, invocation_.err);
    } else {
      invocation_.err << AlertLine(alert) << std::endl;
    }
  }

  size_t count() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return printed_.size();
  }

 private:
  const Invocation& invocation_;
  mutable absl::Mutex mutex_;
  std::set<std::string> printed_ ABSL_GUARDED_BY(mutex_);
};

absl::StatusOr<std::unique_ptr<analyzer::Analyzer>> StartAnalyzer(
    const Options& options, const std::string& directory) {
  analyzer::AnalyzerOptions analyzer;
  analyzer.rules = options.rules;
  if (options.rules.rules.empty()) analyzer.rules.built_in = ShippedRules();
  // Always in the temporary folder: the path of a socket must be short.
  analyzer.listen = {absl::StrCat("unix:", directory, "/analyzer.sock")};
  analyzer.store_directory =
      options.store.empty() ? absl::StrCat(directory, "/store") : options.store;
  return analyzer::Analyzer::Start(std::move(analyzer));
}

void WriteSummary(Client& client, size_t alerts, bool drained,
                  const Invocation& invocation) {
  uint64_t events = 0;
  uint64_t lost = 0;
  const auto agents = client.ListAgents();
  if (agents.ok()) {
    for (const v1::Agent& agent : agents->agents()) {
      events += agent.last_sequence();
      lost += agent.lost();
    }
  }
  if (invocation.json) {
    invocation.err << absl::StrCat("{\"events\":", events,
                                   ",\"alerts\":", alerts, ",\"lost\":", lost,
                                   "}\n");
    return;
  }
  invocation.err << "gatewatch: " << events << " events, " << alerts
                 << (alerts == 1 ? " alert, " : " alerts, ");
  if (lost > 0) {
    invocation.err << lost << " events lost\n";
  } else {
    invocation.err << (drained ? "nothing lost\n"
                               : "some events were not delivered in time\n");
  }
}

// Runs the command between the start of an agent and its end. Every alert is
// printed when this returns, those that the watch missed included.
absl::StatusOr<int> Watch(const Options& options, const std::string& analyzer,
                          const Invocation& invocation) {
  GATEWATCH_ASSIGN_OR_RETURN(const std::unique_ptr<Client> client,
                             Client::Create(analyzer, {}));
  const uint64_t begin_ns = UnixNanos();
  const std::string launch_socket =
      absl::StrCat("gatewatch-run-", getpid(), "-", Base32(MonotonicNanos()));
  GATEWATCH_ASSIGN_OR_RETURN(
      const std::unique_ptr<agent::Agent> agent,
      agent::Agent::Start({.analyzer = analyzer,
                           .launch_socket = launch_socket,
                           .dns = true,
                           .only_captured_dns = true,
                           .inventory = false,
                           .rate_limits = agent::NoRateLimits(),
                           .cpu_budget = 0}));
  AlertPrinter printer(invocation);
  const auto print = [&printer](const v1::Alert& alert) {
    printer.Print(alert);
  };
  std::thread watch([&client, &print] {
    // What it misses by ending early, the list below brings.
    client->WatchAlerts({}, print).IgnoreError();
  });
  const absl::StatusOr<int> exit_status = agent::RunLaunchCommand(
      {.launch_socket = launch_socket, .command = options.command});
  const bool drained = agent->Stop(kPatience);
  client->Cancel();
  watch.join();
  v1::ListAlertsRequest request;
  request.set_since_ns(begin_ns);
  GATEWATCH_RETURN_IF_ERROR(client->ForEachAlert(request, print));
  if (exit_status.ok()) {
    WriteSummary(*client, printer.count(), drained, invocation);
  }
  return exit_status;
}

int Run(const Options& options, const Invocation& invocation) {
  const auto fail = [&invocation](const absl::Status& status) {
    Fail(invocation, absl::InvalidArgumentError(status.message()));
    return kExitUsage;
  };
  // The error stream is the command's and the alerts'.
  SetLogLevel(LogLevel::kWarning);
  const auto directory = TempDirectory::Create("gatewatch-run-");
  if (!directory.ok()) return fail(directory.status());
  const auto analyzer = StartAnalyzer(options, directory->path());
  if (!analyzer.ok()) return fail(analyzer.status());
  const auto exit_status =
      Watch(options, (*analyzer)->addresses().front(), invocation);
  (*analyzer)->Shutdown(kPatience);
  return exit_status.ok() ? *exit_status : fail(exit_status.status());
}

}  // namespace

void AddRunCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "run", "Watch one command; alerts appear on the error stream");
  command->footer(
      "Examples:\n"
      "  gatewatch run -- ./server --port 8080\n"
      "  gatewatch run --rules my-rules.yaml --store /tmp/seen -- sh -c "
      "'cat /etc/shadow'\n"
      "  gatewatch run --tuning tuning.yaml -- make test\n"
      "Needs no privilege and no other process. Exits with the status of the "
      "command.");
  // Shared by the option parser, which fills it, and the action.
  const auto options = std::make_shared<Options>();
  command
      ->add_option("--rules", options->rules.rules,
                   "rule file or folder instead of the shipped rules; may "
                   "be repeated")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  AddTuningOptions(*command, options->rules);
  command->add_option("--store", options->store,
                      "keep events and alerts in this folder");
  command
      ->add_option("COMMAND", options->command,
                   "the command and its arguments, after --")
      ->required();
  AddOutputOption(*command, invocation);
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] {
      return Run(*options, invocation);
    };
  });
}

}  // namespace gatewatch::cli
