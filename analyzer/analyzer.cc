#include "analyzer/analyzer.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "analyzer/access.h"
#include "analyzer/agent_registry.h"
#include "analyzer/alert_store.h"
#include "analyzer/batch_check.h"
#include "analyzer/detector.h"
#include "analyzer/event_store.h"
#include "analyzer/feed.h"
#include "analyzer/pipeline.h"
#include "analyzer/query_service.h"
#include "analyzer/rule_book.h"
#include "analyzer/silence.h"
#include "analyzer/store_file.h"
#include "analyzer/store_losses.h"
#include "base/log.h"
#include "base/status.h"
#include "channel/address.h"
#include "channel/credentials.h"
#include "grpc/grpc.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"

namespace gatewatch::analyzer {
namespace {

constexpr absl::Duration kTrimInterval = absl::Minutes(1);
constexpr absl::Duration kSilenceInterval = absl::Seconds(1);
constexpr absl::Duration kRulePollInterval = absl::Seconds(2);
constexpr absl::Duration kDestructionPatience = absl::Seconds(5);
// What a watcher may fall behind.
constexpr size_t kFeedBytes = 16 << 20;
// A request around the largest batch; what is larger, gRPC refuses.
constexpr int kMaxMessageBytes = kMaxBatchBytes + 4096;
constexpr int kThreadsForShortCalls = 64;
constexpr int kKeepaliveMilliseconds = 30'000;
// A peer that does not get on with its handshake has no certificate yet.
constexpr int kHandshakeMilliseconds = 10'000;
constexpr int kMaxCallsOfAConnection = 100;

absl::Status CheckOptions(const AnalyzerOptions& options) {
  if (options.listen.empty()) {
    return absl::InvalidArgumentError("no address to listen on");
  }
  if (options.retention <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("the retention must be positive");
  }
  const IngestService::Limits& limits = options.limits;
  if (limits.streams < 1 || limits.streams_of_each < 2) {
    return absl::InvalidArgumentError("a limit below the least");
  }
  return absl::OkStatus();
}

// What one address is served with.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> CredentialsAt(
    const std::string& text, const channel::Settings& settings) {
  GATEWATCH_ASSIGN_OR_RETURN(const channel::Address address,
                             channel::ParseAddress(text));
  GATEWATCH_ASSIGN_OR_RETURN(const channel::Protection protection,
                             channel::ProtectionAt(address, settings));
  if (protection == channel::Protection::kTls) {
    // The function's own; it must be one that can be copied.
    const auto log = std::make_shared<RefusalLog>();
    return channel::ServerCredentials(
        settings,
        [log](const std::vector<std::string>& uris, absl::string_view method) {
          const absl::Status status = CheckMethod(uris, method);
          if (!status.ok()) log->Note(status);
          return status;
        });
  }
  return grpc::InsecureServerCredentials();
}

// Keeps gRPC's library running to the end of the program: when its last user
// goes, it may wait ten seconds for a poller that large messages have started.
void KeepGrpcRunning() {
  static const bool kept = [] {
    grpc_init();
    return true;
  }();
  (void)kept;
}

// What is opened, in the order in which it depends on each other.
struct Stores {
  UniqueFd lock;
  std::unique_ptr<EventStore> events;
  std::unique_ptr<AlertStore> alerts;
  std::unique_ptr<AgentRegistry> agents;
};

absl::StatusOr<Stores> OpenStores(const AnalyzerOptions& options,
                                  bool check_all) {
  Stores stores;
  const std::string& directory = options.store_directory;
  GATEWATCH_ASSIGN_OR_RETURN(stores.lock, LockDirectory(directory));
  GATEWATCH_ASSIGN_OR_RETURN(stores.events,
                             EventStore::Open({.directory = directory,
                                               .retention = options.retention,
                                               .max_bytes = options.store_limit,
                                               .check_all = check_all}));
  GATEWATCH_ASSIGN_OR_RETURN(
      stores.alerts,
      AlertStore::Open(directory, {.fold_window = options.fold_window,
                                   .fold_limit = options.fold_limit,
                                   .retention = options.alert_retention,
                                   .max_alerts = options.alert_limit,
                                   .check = check_all ? CheckDepth::kFull
                                                      : CheckDepth::kQuick}));
  GATEWATCH_ASSIGN_OR_RETURN(stores.agents, AgentRegistry::Open(directory));
  return stores;
}

void LogIfFailed(const char* what, const absl::Status& status) {
  if (!status.ok()) LogError(what, ": ", status.message());
}

void StateLossesOf(Stores& stores) {
  LogIfFailed("what the store has lost cannot be stored",
              StateLosses(*stores.events, *stores.agents).status());
}

}  // namespace

class Analyzer::Impl {
 public:
  using Credentials = std::vector<std::shared_ptr<grpc::ServerCredentials>>;
  static absl::StatusOr<Credentials> MakeCredentials(
      const AnalyzerOptions& options);

  Impl(AnalyzerOptions options, Credentials credentials,
       std::unique_ptr<RuleBook> rules, Stores stores);
  ~Impl() { Shutdown(kDestructionPatience); }

  absl::Status Serve();
  void Shutdown(absl::Duration patience);
  const std::vector<std::string>& addresses() const { return addresses_; }
  RuleBook& rules() { return *rules_; }

 private:
  void Configure(grpc::ServerBuilder& builder);
  void KeepTrimming();
  void WatchRules();
  void WatchAgents();

  const AnalyzerOptions options_;
  const Credentials credentials_;  // of each address
  const std::unique_ptr<RuleBook> rules_;
  Stores stores_;
  Feed<v1::Alert> alert_feed_{kFeedBytes};
  Feed<v1::EventRecord> event_feed_{kFeedBytes};
  Detector detector_;
  Pipeline pipeline_;
  IngestService ingest_;
  QueryService query_;
  std::vector<std::string> addresses_;
  std::unique_ptr<grpc::Server> server_;
  absl::Notification stopping_;
  std::thread trimmer_;
  std::thread rule_watcher_;
  std::thread agent_watcher_;
};

absl::StatusOr<Analyzer::Impl::Credentials> Analyzer::Impl::MakeCredentials(
    const AnalyzerOptions& options) {
  Credentials made;
  for (const std::string& address : options.listen) {
    GATEWATCH_ASSIGN_OR_RETURN(made.emplace_back(),
                               CredentialsAt(address, options.channel));
  }
  return made;
}

Analyzer::Impl::Impl(AnalyzerOptions options, Credentials credentials,
                     std::unique_ptr<RuleBook> rules, Stores stores)
    : options_(std::move(options)),
      credentials_(std::move(credentials)),
      rules_(std::move(rules)),
      stores_(std::move(stores)),
      detector_(*rules_, *stores_.alerts, alert_feed_),
      pipeline_(detector_, *stores_.events, *stores_.agents, event_feed_),
      ingest_(pipeline_, *stores_.events, *stores_.agents,
              options_.capture_all ? nullptr : rules_.get(), options_.limits),
      query_({.rules = rules_.get(),
              .events = stores_.events.get(),
              .alerts = stores_.alerts.get(),
              .agents = stores_.agents.get(),
              .detector = &detector_,
              .alert_feed = &alert_feed_,
              .event_feed = &event_feed_}) {}

void Analyzer::Impl::Configure(grpc::ServerBuilder& builder) {
  builder.RegisterService(&ingest_.service());
  builder.RegisterService(&query_.service());
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  grpc::ResourceQuota quota("analyzer");
  // Streams and watches hold a thread each.
  quota.SetMaxThreads(options_.limits.streams + QueryService::kMaxWatches +
                      kThreadsForShortCalls);
  builder.SetResourceQuota(quota);
  // Without it a second analyzer would share the port in silence.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Finds agents whose host has vanished.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS,
                             kKeepaliveMilliseconds);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                             kKeepaliveMilliseconds);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             kHandshakeMilliseconds);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             kMaxCallsOfAConnection);
}

absl::Status Analyzer::Impl::Serve() {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  Configure(builder);
  std::vector<int> ports(options_.listen.size(), 0);
  for (size_t i = 0; i < ports.size(); ++i) {
    builder.AddListeningPort(options_.listen[i], credentials_[i], &ports[i]);
  }
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", absl::StrJoin(options_.listen, ", "),
                     ": in use, or not an address of this host"));
  }
  for (size_t i = 0; i < ports.size(); ++i) {
    const std::string& text = options_.listen[i];
    GATEWATCH_ASSIGN_OR_RETURN(const channel::Address address,
                               channel::ParseAddress(text));
    addresses_.push_back(
        address.host.empty()
            ? text
            : absl::StrCat(text.substr(0, text.rfind(':')), ":", ports[i]));
  }
  trimmer_ = std::thread([this] { KeepTrimming(); });
  rule_watcher_ = std::thread([this] { WatchRules(); });
  agent_watcher_ = std::thread([this] { WatchAgents(); });
  return absl::OkStatus();
}

void Analyzer::Impl::KeepTrimming() {
  do {
    if (stores_.events->Trim()) StateLossesOf(stores_);
    LogIfFailed("alerts cannot be trimmed", stores_.alerts->Trim());
    LogIfFailed("agents cannot be trimmed",
                stores_.agents->Trim(options_.retention));
    stores_.events->BuildIndexes(
        [this] { return stopping_.HasBeenNotified(); });
  } while (!stopping_.WaitForNotificationWithTimeout(kTrimInterval));
}

void Analyzer::Impl::WatchRules() {
  while (!stopping_.WaitForNotificationWithTimeout(kRulePollInterval)) {
    rules_->Poll();
  }
}

void Analyzer::Impl::WatchAgents() {
  while (!stopping_.WaitForNotificationWithTimeout(kSilenceInterval)) {
    LogIfFailed(
        "an agent's silence cannot be told",
        TellSilences(*stores_.agents, pipeline_, options_.silence_patience));
  }
}

void Analyzer::Impl::Shutdown(absl::Duration patience) {
  if (stopping_.HasBeenNotified()) return;
  stopping_.Notify();
  const absl::Time deadline = absl::Now() + patience;
  alert_feed_.Close();
  event_feed_.Close();
  ingest_.Close(deadline);
  if (server_ != nullptr) {
    server_->Shutdown(absl::ToChronoTime(deadline));
    server_->Wait();
  }
  if (trimmer_.joinable()) trimmer_.join();
  if (rule_watcher_.joinable()) rule_watcher_.join();
  if (agent_watcher_.joinable()) agent_watcher_.join();
}

absl::StatusOr<std::unique_ptr<Analyzer>> Analyzer::Start(
    AnalyzerOptions options) {
  GATEWATCH_RETURN_IF_ERROR(CheckOptions(options));
  KeepGrpcRunning();
  GATEWATCH_ASSIGN_OR_RETURN(Impl::Credentials credentials,
                             Impl::MakeCredentials(options));
  // Before anything is made on the disk.
  GATEWATCH_ASSIGN_OR_RETURN(std::unique_ptr<RuleBook> rules,
                             RuleBook::Open(options.rules));
  GATEWATCH_ASSIGN_OR_RETURN(Stores stores, OpenStores(options, false));
  StateLossesOf(stores);
  auto impl = std::make_unique<Impl>(std::move(options), std::move(credentials),
                                     std::move(rules), std::move(stores));
  GATEWATCH_RETURN_IF_ERROR(impl->Serve());
  return std::unique_ptr<Analyzer>(new Analyzer(std::move(impl)));
}

Analyzer::Analyzer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Analyzer::~Analyzer() = default;

const std::vector<std::string>& Analyzer::addresses() const {
  return impl_->addresses();
}

absl::Status Analyzer::ReloadRules() { return impl_->rules().Reload(); }

size_t Analyzer::rule_count() const {
  return impl_->rules().edition()->rules->rules().size();
}

void Analyzer::Shutdown(absl::Duration patience) { impl_->Shutdown(patience); }

absl::StatusOr<StoreCheck> CheckStore(const AnalyzerOptions& options) {
  const std::string& directory = options.store_directory;
  GATEWATCH_ASSIGN_OR_RETURN(const std::vector<std::string> before,
                             SetAsideIn(directory));
  GATEWATCH_ASSIGN_OR_RETURN(Stores stores, OpenStores(options, true));
  GATEWATCH_ASSIGN_OR_RETURN(const std::vector<std::string> after,
                             SetAsideIn(directory));
  StoreCheck check;
  GATEWATCH_ASSIGN_OR_RETURN(check.found,
                             StateLosses(*stores.events, *stores.agents));
  if (!stores.alerts->recovered().empty()) {
    check.found.push_back(stores.alerts->recovered());
  }
  for (const std::string& name : after) {
    if (std::binary_search(before.begin(), before.end(), name)) continue;
    check.found.push_back(absl::StrCat("set aside: ", name));
  }
  check.whole = check.found.empty();
  uint64_t events = 0;
  for (const auto& partition : stores.events->partitions()) {
    events += partition->events();
  }
  check.found.push_back(absl::StrCat(stores.events->partitions().size(),
                                     " partitions with ", events, " events"));
  return check;
}

}  // namespace gatewatch::analyzer
