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
#include "analyzer/capture_policy.h"
#include "analyzer/detector.h"
#include "analyzer/event_store.h"
#include "analyzer/feed.h"
#include "analyzer/pipeline.h"
#include "analyzer/query_service.h"
#include "analyzer/store_file.h"
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

void LogIfFailed(const char* what, const absl::Status& status) {
  if (!status.ok()) LogError(what, ": ", status.message());
}

}  // namespace

class Analyzer::Impl {
 public:
  // What it opens, in the order in which it depends on each other.
  struct Stores {
    UniqueFd lock;
    std::unique_ptr<EventStore> events;
    std::unique_ptr<AlertStore> alerts;
    std::unique_ptr<AgentRegistry> agents;
  };

  static absl::StatusOr<Stores> OpenStores(const AnalyzerOptions& options);

  using Credentials = std::vector<std::shared_ptr<grpc::ServerCredentials>>;
  static absl::StatusOr<Credentials> MakeCredentials(
      const AnalyzerOptions& options);

  Impl(AnalyzerOptions options, Credentials credentials, Stores stores);
  ~Impl() { Shutdown(kDestructionPatience); }

  absl::Status Serve();
  void Shutdown(absl::Duration patience);
  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  void Configure(grpc::ServerBuilder& builder);
  void KeepTrimming();

  const AnalyzerOptions options_;
  const Credentials credentials_;  // of each address
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
};

absl::StatusOr<Analyzer::Impl::Stores> Analyzer::Impl::OpenStores(
    const AnalyzerOptions& options) {
  Stores stores;
  const std::string& directory = options.store_directory;
  GATEWATCH_ASSIGN_OR_RETURN(stores.lock, LockDirectory(directory));
  GATEWATCH_ASSIGN_OR_RETURN(
      stores.events, EventStore::Open({.directory = directory,
                                       .retention = options.retention}));
  GATEWATCH_ASSIGN_OR_RETURN(stores.alerts,
                             AlertStore::Open(directory, options.fold_window));
  GATEWATCH_ASSIGN_OR_RETURN(stores.agents, AgentRegistry::Open(directory));
  return stores;
}

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
                     Stores stores)
    : options_(std::move(options)),
      credentials_(std::move(credentials)),
      stores_(std::move(stores)),
      detector_(options_.rules.get(), *stores_.alerts, alert_feed_),
      pipeline_(detector_, *stores_.events, *stores_.agents, event_feed_),
      ingest_(
          pipeline_, *stores_.events, *stores_.agents,
          options_.capture_all ? std::nullopt : PolicyFor(options_.rules.get()),
          options_.limits),
      query_({.rules = options_.rules.get(),
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
  return absl::OkStatus();
}

void Analyzer::Impl::KeepTrimming() {
  do {
    stores_.events->Trim();
    LogIfFailed("alerts cannot be trimmed", stores_.alerts->Trim());
    LogIfFailed("agents cannot be trimmed",
                stores_.agents->Trim(options_.retention));
  } while (!stopping_.WaitForNotificationWithTimeout(kTrimInterval));
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
}

absl::StatusOr<std::unique_ptr<Analyzer>> Analyzer::Start(
    AnalyzerOptions options) {
  GATEWATCH_RETURN_IF_ERROR(CheckOptions(options));
  KeepGrpcRunning();
  GATEWATCH_ASSIGN_OR_RETURN(Impl::Credentials credentials,
                             Impl::MakeCredentials(options));
  GATEWATCH_ASSIGN_OR_RETURN(Impl::Stores stores, Impl::OpenStores(options));
  auto impl = std::make_unique<Impl>(std::move(options), std::move(credentials),
                                     std::move(stores));
  GATEWATCH_RETURN_IF_ERROR(impl->Serve());
  return std::unique_ptr<Analyzer>(new Analyzer(std::move(impl)));
}

Analyzer::Analyzer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Analyzer::~Analyzer() = default;

const std::vector<std::string>& Analyzer::addresses() const {
  return impl_->addresses();
}

void Analyzer::Shutdown(absl::Duration patience) { impl_->Shutdown(patience); }

}  // namespace gatewatch::analyzer
