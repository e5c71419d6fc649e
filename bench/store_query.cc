// store_query FOLDER [EVENTS]: how long queries take over a store of so many
// events (10,000,000). Fills a store in FOLDER, which should be empty, with
// what 200 tasks of 20 services do in 20 hours, each with a few processes and
// thousands of files, then asks what people ask. Prints a table.

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "analyzer/alert_store.h"
#include "analyzer/event_store.h"
#include "analyzer/process_tree.h"
#include "analyzer/query_pages.h"

namespace gatewatch::bench {
namespace {

constexpr uint64_t kDefaultEvents = 10'000'000;
constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kHours = 20;
constexpr uint64_t kBegin = 1'790'000'000 * kSecond;
constexpr size_t kTasks = 200;
constexpr size_t kServices = 20;
constexpr size_t kProcesses = 12;
constexpr uint64_t kBatch = 1000;
constexpr int kRepeats = 5;

[[noreturn]] void Fail(absl::string_view what) {
  std::fprintf(stderr, "store_query: %s\n", std::string(what).c_str());
  std::exit(2);
}

void CheckOk(const absl::Status& status) {
  if (!status.ok()) Fail(status.message());
}

// What one task does: a web server with workers that read files and connect,
// and now and then a shell.
class Task {
 public:
  explicit Task(size_t number)
      : id_(absl::StrCat("task-", number)), random_(number) {
    workload_.set_task_arn(absl::StrCat("arn:aws:ecs:task/prod/", number));
    workload_.set_service(absl::StrCat("service-", number % kServices));
    workload_.set_cluster("prod");
    workload_.set_launch_type("FARGATE");
  }

  const std::string& id() const { return id_; }
  const v1::Workload& workload() const { return workload_; }

  v1::Batch Next(uint64_t count, uint64_t from_ns, uint64_t span_ns) {
    v1::Batch batch;
    v1::Container& container = *batch.add_containers();
    container.set_id(absl::StrCat(id_, "-app"));
    container.set_name("app");
    container.set_image("registry/shop/app:1.4");
    for (size_t i = 0; i < kProcesses; ++i) AddProcess(i, batch);
    for (uint64_t i = 0; i < count; ++i) {
      v1::Event& event = *batch.add_events();
      event.set_sequence(++sequence_);
      event.set_time_ns(from_ns + span_ns * i / count);
      Fill(event);
    }
    // Processes come and go.
    generation_ += random_() % 8 == 0 ? 1 : 0;
    return batch;
  }

  std::string KeyOf(size_t process) const {
    return absl::StrCat(id_, "-", process == 0 ? 0 : generation_, "-", process);
  }

 private:
  void AddProcess(size_t number, v1::Batch& batch) {
    static constexpr const char* kNames[] = {"nginx", "node", "python3",
                                             "redis", "sh",   "curl"};
    const char* name = number == 0 ? "init" : kNames[number % 6];
    v1::Process& process = *batch.add_processes();
    process.set_key(KeyOf(number));
    process.set_revision(1);
    process.set_name(name);
    process.mutable_executable()->set_path(absl::StrCat("/usr/bin/", name));
    process.add_arguments(name);
    process.add_arguments("--serve");
    process.set_container_id(absl::StrCat(id_, "-app"));
    if (number == 0) return;
    process.mutable_parent()->set_key(KeyOf((number - 1) / 3));
    process.mutable_parent()->set_revision(1);
  }

  void Fill(v1::Event& event) {
    const uint64_t kind = random_() % 100;
    event.mutable_process()->set_key(KeyOf(random_() % kProcesses));
    event.mutable_process()->set_revision(1);
    if (kind < 80) {
      event.set_syscall("openat");
      event.mutable_file_open()->mutable_file()->set_path(
          random_() % 50'000 == 0
              ? "/etc/shadow"
              : absl::StrCat("/srv/data/", random_() % 64, "/file-",
                             random_() % 4000, ".json"));
    } else if (kind < 95) {
      event.set_syscall("connect");
      v1::Socket& socket = *event.mutable_socket_call()->mutable_socket();
      socket.set_family(2);
      socket.set_type(1);
      const char remote[] = {10, 0, static_cast<char>(random_() % 4),
                             static_cast<char>(random_() % 250)};
      socket.mutable_remote()->set_ip(std::string(remote, sizeof(remote)));
      socket.mutable_remote()->set_port(443);
    } else if (kind < 98) {
      event.set_syscall("execve");
      event.mutable_process_exec()->set_filename("/usr/bin/curl");
    } else {
      event.set_syscall("exit_group");
      event.mutable_process_exit()->set_code_known(true);
    }
  }

  const std::string id_;
  v1::Workload workload_;
  std::minstd_rand random_;
  uint64_t sequence_ = 0;
  uint64_t generation_ = 0;
};

struct World {
  uint64_t now = kBegin;
  std::vector<std::unique_ptr<Task>> tasks;
  std::unique_ptr<analyzer::EventStore> store;
  std::unique_ptr<analyzer::AlertStore> alerts;
};

double Seconds(absl::Duration duration) {
  return absl::ToDoubleSeconds(duration);
}

void FillStore(World& world, uint64_t events) {
  const absl::Time start = absl::Now();
  const uint64_t batches = events / kBatch;
  const uint64_t step = kHours * 3600 * kSecond / batches;
  for (uint64_t i = 0; i < batches; ++i) {
    Task& task = *world.tasks[i * 7919 % kTasks];
    world.now = kBegin + i * step;
    const v1::Batch batch = task.Next(kBatch, world.now, step * kTasks);
    CheckOk(world.store->Append({.agent_id = task.id(),
                                 .epoch = kBegin,
                                 .workload = task.workload(),
                                 .batch = batch}));
  }
  const absl::Time filled = absl::Now();
  world.store->BuildIndexes([] { return false; });
  uint64_t bytes = 0;
  for (const auto& partition : world.store->partitions()) {
    bytes += partition->bytes();
  }
  std::printf(
      "%llu events in %zu partitions, %.1f GB; written in %.0f s, "
      "indexed in %.0f s\n\n",
      static_cast<unsigned long long>(batches * kBatch),
      world.store->partitions().size(), static_cast<double>(bytes) / 1e9,
      Seconds(filled - start), Seconds(absl::Now() - filled));
}

// All pages of a list, at most `limit` events.
size_t ListAll(World& world, v1::ListEventsRequest request, size_t limit) {
  size_t found = 0;
  request.set_page_size(static_cast<uint32_t>(std::min<size_t>(limit, 1000)));
  while (true) {
    const auto page =
        analyzer::EventPage(*world.store, request, [] { return false; });
    CheckOk(page.status());
    found += static_cast<size_t>(page->events_size());
    if (page->next_page_token().empty() || found >= limit) return found;
    request.set_page_token(page->next_page_token());
  }
}

void Row(const char* what, const std::function<size_t()>& query) {
  std::vector<double> took;
  size_t found = 0;
  for (int i = 0; i < kRepeats; ++i) {
    const absl::Time start = absl::Now();
    found = query();
    took.push_back(Seconds(absl::Now() - start) * 1e3);
  }
  const double first = took.front();
  std::sort(took.begin(), took.end());
  std::printf("| %-55s | %8zu | %9.1f | %9.1f |\n", what, found, first,
              took[kRepeats / 2]);
}

v1::ListEventsRequest Where(const std::string& where, uint64_t since = 0,
                            uint64_t until = 0) {
  v1::ListEventsRequest request;
  request.mutable_filter()->set_where(where);
  request.set_since_ns(since);
  request.set_until_ns(until);
  return request;
}

void Ask(World& world) {
  constexpr size_t kAll = 1'000'000'000;
  constexpr size_t kPage = 100;
  const uint64_t middle = kBegin + kHours / 2 * 3600 * kSecond;
  const uint64_t minutes = middle + 600 * kSecond;
  const auto list = [&](v1::ListEventsRequest request, size_t limit) {
    return [&world, request = std::move(request), limit] {
      return ListAll(world, request, limit);
    };
  };
  std::printf(
      "| query | events | first, ms | median, ms |\n|---|---|---|---|\n");
  Row("a task's events of 10 minutes, all",
      list(Where("ecs.task.arn = arn:aws:ecs:task/prod/17", middle, minutes),
           kAll));
  Row("a service's events of 10 minutes, first page",
      list(Where("ecs.service = service-3", middle, minutes), kPage));
  Row("a task's events of all time, first page",
      list(Where("ecs.task.arn = arn:aws:ecs:task/prod/17"), kPage));
  Row("a task's commands (evt.type=execve) of an hour, all",
      list(Where("ecs.task.arn = arn:aws:ecs:task/prod/17 and evt.type=execve",
                 middle, middle + 3600 * kSecond),
           kAll));
  Row("a task that is not there, all time",
      list(Where("ecs.task.arn = none"), kAll));
  Row("fd.name = /etc/shadow, all time, all",
      list(Where("fd.name = /etc/shadow"), kAll));
  Row("fd.name startswith /etc/ of a service, all time, all",
      list(Where("fd.name startswith /etc/ and ecs.service = service-3"),
           kAll));
  Row("proc.name = curl of a task, an hour, all",
      list(Where("proc.name = curl and ecs.task.arn = "
                 "arn:aws:ecs:task/prod/17",
                 middle, middle + 3600 * kSecond),
           kAll));
  Row("proc.args contains serve (no index), 10 minutes, first page",
      list(Where("proc.args contains serve", middle, minutes), kPage));
  Row("the newest 100 events", [&] {
    analyzer::EventScan scan = world.store->Scan({.newest_first = true});
    size_t found = 0;
    while (found < kPage && *scan.Next()) {
      CheckOk(scan.Record().status());
      ++found;
    }
    return found;
  });
  Row("what is new since the last event but 1000 (follow)",
      list(Where("", world.now - kSecond), kPage));
  Row("process tree of a task's first process", [&] {
    const auto tree = analyzer::FindProcessTree(*world.store, *world.alerts,
                                                world.tasks[17]->KeyOf(0));
    CheckOk(tree.status());
    return static_cast<size_t>(tree->nodes_size());
  });
  Row("process tree of a late process", [&] {
    const auto tree = analyzer::FindProcessTree(*world.store, *world.alerts,
                                                world.tasks[17]->KeyOf(1));
    CheckOk(tree.status());
    return static_cast<size_t>(tree->nodes_size());
  });
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("\nmost memory at any time: %ld MB\n", usage.ru_maxrss / 1024);
}

int Main(int argc, char** argv) {
  uint64_t events = kDefaultEvents;
  if (argc < 2 || (argc > 2 && !absl::SimpleAtoi(argv[2], &events)) ||
      events < kBatch) {
    Fail("into which folder, and how many events?");
  }
  World world;
  for (size_t i = 0; i < kTasks; ++i) {
    world.tasks.push_back(std::make_unique<Task>(i));
  }
  auto store = analyzer::EventStore::Open(
      {.directory = argv[1], .now = [&world] { return world.now; }});
  CheckOk(store.status());
  world.store = *std::move(store);
  auto alerts = analyzer::AlertStore::Open(argv[1], {});
  CheckOk(alerts.status());
  world.alerts = *std::move(alerts);
  FillStore(world, events);
  Ask(world);
  return 0;
}

}  // namespace
}  // namespace gatewatch::bench

int main(int argc, char** argv) { return gatewatch::bench::Main(argc, argv); }
