// ingest_rate EVENTS.jsonl FOLDER [RULES]: how many recorded events a second an
// analyzer takes: over loopback gRPC, through rules (RULES many, in the mix of
// rule_mix.h; 300) and into a store in FOLDER, which should be empty, until it
// has acknowledged them. Agents and analyzer are threads of one process, so
// that its CPU time is that of the whole way; a machine that does other things
// as well shows in the wall clock alone.

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "analyzer/analyzer.h"
#include "bench/recording.h"
#include "bench/rule_mix.h"
#include "gatewatch/v1/ingest.grpc.pb.h"
#include "grpcpp/grpcpp.h"

namespace gatewatch::bench {
namespace {

using detection::EventView;

constexpr size_t kEvents = 500'000;
// While one's batch is on its way to the disk, the others' are read.
constexpr size_t kAgents = 4;
// As an agent under load sends them.
constexpr size_t kBatchEvents = 1000;

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) +
           static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The batches of an agent that goes through a recording again and again.
class Batches {
 public:
  explicit Batches(const Recording& recording) : views_(recording.views()) {}

  v1::ReportRequest Next() {
    v1::ReportRequest request;
    v1::Batch& batch = *request.mutable_batch();
    std::map<const v1::Process*, bool> told;
    const auto tell = [&](const v1::Process* process) {
      if (process == nullptr || !told.emplace(process, true).second) return;
      *batch.add_processes() = *process;
    };
    for (size_t i = 0; i < kBatchEvents; ++i) {
      const EventView& view = views_[sequence_ % views_.size()];
      v1::Event& event = *batch.add_events();
      event = *view.event;
      event.set_sequence(++sequence_);
      event.set_time_ns(static_cast<uint64_t>(absl::GetCurrentTimeNanos()));
      if (view.process == nullptr) event.clear_process();
      tell(view.process);
      for (const v1::Process* ancestor : view.ancestors) tell(ancestor);
    }
    *batch.add_containers() = *views_[0].container;
    return request;
  }

  uint64_t sequence() const { return sequence_; }

 private:
  const std::vector<EventView>& views_;
  uint64_t sequence_ = 0;
};

std::unique_ptr<analyzer::Analyzer> StartAnalyzer(const char* folder,
                                                  size_t rules) {
  analyzer::AnalyzerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.store_directory = folder;
  options.rules.built_in = {{.name = "mix", .text = RuleMix(rules)}};
  auto started = analyzer::Analyzer::Start(std::move(options));
  if (!started.ok()) Fail(started.status().message());
  return *std::move(started);
}

void SendAll(const std::string& address, const std::string& agent_id,
             const std::vector<v1::ReportRequest>& requests) {
  const auto stub = v1::IngestService::NewStub(
      grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  const auto stream = stub->Report(&context);
  v1::ReportRequest hello;
  hello.mutable_hello()->set_agent_id(agent_id);
  hello.mutable_hello()->set_epoch(
      static_cast<uint64_t>(absl::GetCurrentTimeNanos()));
  const uint64_t last = requests.back().batch().events().rbegin()->sequence();
  v1::ReportResponse response;
  if (!stream->Write(hello) || !stream->Read(&response)) Fail("no welcome");
  std::thread acknowledgements([&] {
    while (stream->Read(&response) && response.ack().sequence() < last) {
    }
  });
  for (const v1::ReportRequest& request : requests) {
    if (!stream->Write(request)) Fail("the analyzer has hung up");
  }
  acknowledgements.join();
  v1::ReportRequest goodbye;
  goodbye.mutable_goodbye();
  stream->Write(goodbye);
  stream->WritesDone();
  const grpc::Status status = stream->Finish();
  if (!status.ok()) Fail(status.error_message());
}

int Main(int argc, char** argv) {
  size_t rules = 300;
  if (argc < 3 || (argc > 3 && !absl::SimpleAtoi(argv[3], &rules))) {
    Fail("which events, and into which folder?");
  }
  const Recording recording(argv[1]);
  Batches batches(recording);
  std::vector<v1::ReportRequest> requests;
  while (batches.sequence() < kEvents / kAgents) {
    requests.push_back(batches.Next());
  }
  const auto analyzer = StartAnalyzer(argv[2], rules);
  const absl::Time start = absl::Now();
  const double cpu_start = CpuSeconds();
  std::vector<std::thread> agents;
  for (size_t i = 0; i < kAgents; ++i) {
    agents.emplace_back([&, i] {
      SendAll(analyzer->addresses()[0], absl::StrCat("agent-", i), requests);
    });
  }
  for (std::thread& agent : agents) agent.join();
  const double wall = absl::ToDoubleSeconds(absl::Now() - start);
  const double cpu = CpuSeconds() - cpu_start;
  const auto events = static_cast<double>(kAgents * batches.sequence());
  std::printf("%.0f events, %zu rules\n", events, rules);
  std::printf("%12.0f events a second\n", events / wall);
  std::printf("%12.0f events a second of one core's time\n", events / cpu);
  return 0;
}

}  // namespace
}  // namespace gatewatch::bench

int main(int argc, char** argv) { return gatewatch::bench::Main(argc, argv); }
