#include "agent/event_buffer.h"

#include <thread>

#include "catch2/catch.hpp"

namespace gatewatch::agent {
namespace {

constexpr size_t kPlenty = 1 << 20;
constexpr absl::Duration kPatience = absl::Seconds(10);

EnrichedEvent Open(uint64_t time_ns = 1) {
  EnrichedEvent event;
  event.event.set_time_ns(time_ns);
  event.event.mutable_file_open()->mutable_file()->set_path("/etc/passwd");
  return event;
}

EnrichedEvent Exec(uint64_t time_ns) {
  EnrichedEvent event;
  event.event.set_time_ns(time_ns);
  event.event.mutable_process_exec();
  return event;
}

void Append(EventBuffer& buffer, EnrichedEvent event) {
  std::vector<EnrichedEvent> events;
  events.push_back(std::move(event));
  buffer.Append(std::move(events));
}

// Appends until one is dropped; how many were kept.
uint64_t Fill(EventBuffer& buffer) {
  while (buffer.counters().dropped == 0) Append(buffer, Open(100));
  return buffer.counters().events;
}

EventBuffer::Slice ReadAll(EventBuffer& buffer) {
  return buffer.Read(0, 1 << 20, absl::ZeroDuration());
}

}  // namespace

TEST_CASE("events stay until they are acknowledged, numbered from 1",
          "[agent]") {
  EventBuffer buffer(kPlenty);
  for (uint64_t i = 1; i <= 5; ++i) Append(buffer, Open(i));
  EventBuffer::Slice slice = buffer.Read(0, 3, absl::ZeroDuration());
  CHECK(slice.first_sequence == 1);
  CHECK(slice.events.size() == 3);
  CHECK(buffer.Acknowledge(2));
  CHECK(buffer.counters().last_acknowledged == 2);
  slice = buffer.Read(0, 10, absl::ZeroDuration());
  CHECK(slice.first_sequence == 3);
  REQUIRE(slice.events.size() == 3);
  CHECK(slice.events[0]->event.time_ns() == 3);
  CHECK(buffer.Read(5, 10, absl::ZeroDuration()).events.empty());
}

TEST_CASE("an acknowledgement of what never was is refused", "[agent]") {
  EventBuffer buffer(kPlenty);
  Append(buffer, Open());
  CHECK_FALSE(buffer.Acknowledge(2));
  CHECK_FALSE(buffer.Acknowledge(UINT64_MAX));
  CHECK(buffer.counters().events == 1);
  CHECK(buffer.Acknowledge(1));
  CHECK(buffer.Acknowledge(0));  // late: nothing more to forget
  CHECK(buffer.counters().bytes == 0);
}

TEST_CASE("a full buffer keeps what it has and tells what it dropped",
          "[agent]") {
  EventBuffer buffer(4000);
  const uint64_t kept = Fill(buffer);
  Append(buffer, Exec(200));
  Append(buffer, Exec(300));
  CHECK(buffer.counters().dropped == 3);
  CHECK(buffer.counters().bytes <= 4000);
  REQUIRE(buffer.Acknowledge(kept));
  Append(buffer, Open(400));

  const EventBuffer::Slice slice = ReadAll(buffer);
  CHECK(slice.first_sequence == kept + 1);
  REQUIRE(slice.events.size() == 2);
  const v1::Loss& loss = slice.events[0]->event.loss();
  CHECK(loss.reason() == v1::Loss::REASON_BUFFER_FULL);
  REQUIRE(loss.counts_size() == 2);
  CHECK(loss.counts(0).kind() == "exec");
  CHECK(loss.counts(0).count() == 2);
  CHECK(loss.counts(1).kind() == "open");
  CHECK(loss.counts(1).count() == 1);
  CHECK(loss.since_ns() == 100);
  CHECK(loss.until_ns() == 300);
  CHECK(slice.events[1]->event.time_ns() == 400);
}

TEST_CASE("a loss is reported without waiting for another event", "[agent]") {
  EventBuffer buffer(4000);
  const uint64_t kept = Fill(buffer);
  REQUIRE(buffer.Acknowledge(kept));
  const EventBuffer::Slice slice = ReadAll(buffer);
  REQUIRE(slice.events.size() == 1);
  CHECK(slice.events[0]->event.has_loss());
}

TEST_CASE("a dropped report of a loss is counted as what it told of",
          "[agent]") {
  EventBuffer buffer(4000);
  const uint64_t kept = Fill(buffer);
  EnrichedEvent lost;
  lost.event.set_time_ns(500);
  lost.event.mutable_loss()->set_since_ns(50);
  v1::Loss::Count& count = *lost.event.mutable_loss()->add_counts();
  count.set_kind("connect");
  count.set_count(9);
  Append(buffer, std::move(lost));
  REQUIRE(buffer.Acknowledge(kept));
  const v1::Loss loss = ReadAll(buffer).events.at(0)->event.loss();
  CHECK(loss.counts(0).kind() == "connect");
  CHECK(loss.counts(0).count() == 9);
  CHECK(loss.since_ns() == 50);
}

TEST_CASE("an event that stands for many counts as many when it is lost",
          "[agent]") {
  EventBuffer buffer(4000);
  const uint64_t kept = Fill(buffer);
  EnrichedEvent folded = Open(5);
  folded.event.set_count(41);
  Append(buffer, std::move(folded));
  CHECK(buffer.counters().dropped == 42);
  REQUIRE(buffer.Acknowledge(kept));
  CHECK(ReadAll(buffer).events.at(0)->event.loss().counts(0).count() == 42);
}

TEST_CASE("a process state costs its bytes once, as long as it is referred to",
          "[agent]") {
  v1::Process process;
  process.set_name(std::string(1000, 'x'));
  auto lineage = std::make_shared<Lineage>();
  lineage->process = std::make_shared<const v1::Process>(process);
  EventBuffer buffer(kPlenty);
  for (int i = 0; i < 2; ++i) {
    EnrichedEvent event = Open();
    event.processes.push_back(lineage);
    Append(buffer, std::move(event));
  }
  CHECK(buffer.counters().bytes > 1000);
  CHECK(buffer.counters().bytes < 2000);
  REQUIRE(buffer.Acknowledge(1));
  CHECK(buffer.counters().bytes > 1000);
  REQUIRE(buffer.Acknowledge(2));
  CHECK(buffer.counters().bytes == 0);
}

TEST_CASE("a reader wakes when there is news", "[agent]") {
  EventBuffer buffer(kPlenty);
  std::thread producer([&] { Append(buffer, Open()); });
  const EventBuffer::Slice slice = buffer.Read(0, 10, kPatience);
  producer.join();
  CHECK(slice.events.size() == 1);
}

TEST_CASE("waiting for an empty buffer ends with the last acknowledgement",
          "[agent]") {
  EventBuffer buffer(kPlenty);
  CHECK(buffer.AwaitEmpty(absl::ZeroDuration()));
  Append(buffer, Open());
  CHECK_FALSE(buffer.AwaitEmpty(absl::ZeroDuration()));
  std::thread analyzer([&] { buffer.Acknowledge(1); });
  CHECK(buffer.AwaitEmpty(kPatience));
  analyzer.join();
}

TEST_CASE("in a new epoch what is left begins at 1", "[agent]") {
  EventBuffer buffer(kPlenty);
  for (uint64_t i = 1; i <= 3; ++i) Append(buffer, Open(i));
  REQUIRE(buffer.Acknowledge(2));
  buffer.Renumber();
  const EventBuffer::Slice slice = ReadAll(buffer);
  CHECK(slice.first_sequence == 1);
  REQUIRE(slice.events.size() == 1);
  CHECK(slice.events[0]->event.time_ns() == 3);
}

}  // namespace gatewatch::agent
