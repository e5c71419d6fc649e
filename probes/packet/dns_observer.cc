#include "probes/packet/dns_observer.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "probes/packet/dns_parser.h"

namespace gatewatch::probes {
namespace {

constexpr absl::string_view kCall = "dns";
constexpr size_t kMaxAsked = 1024;
constexpr uint64_t kAnswerWithinNs = 30'000'000'000;

// Question and answer have the same; addresses of one family, one length.
std::string KeyOf(const DnsMessage& message) {
  const Socket& socket = message.socket;
  return absl::StrCat(socket.local.ip, socket.remote.ip, socket.local.port, ":",
                      socket.remote.port, ":", socket.protocol, ":",
                      message.id);
}

std::string QuestionOf(const DnsMessage& message) {
  if (message.questions.empty()) return "";
  const DnsQuestion& question = message.questions[0];
  return absl::StrCat(question.type, " ", question.name);
}

Socket EndsOf(const Segment& segment, Direction direction, bool response) {
  const bool source_is_local = direction == Direction::kOut ||
                               (direction == Direction::kLoopback && !response);
  Socket socket;
  socket.family = segment.family;
  socket.protocol = segment.protocol;
  socket.type = segment.protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
  socket.local = source_is_local ? segment.source : segment.destination;
  socket.remote = source_is_local ? segment.destination : segment.source;
  return socket;
}

}  // namespace

ProcessId DnsObserver::Remember(const DnsMessage& question, uint64_t time_ns) {
  while (!order_.empty() &&
         (order_.size() >= kMaxAsked ||
          order_.front().time_ns + kAnswerWithinNs < time_ns)) {
    const auto oldest = asked_.find(order_.front().key);
    // One asked again since has a later place as well.
    if (oldest != asked_.end() &&
        oldest->second.time_ns == order_.front().time_ns) {
      asked_.erase(oldest);
    }
    order_.pop_front();
  }
  const ProcessId asker = owner_(question.socket);
  const std::string key = KeyOf(question);
  asked_[key] = {QuestionOf(question), asker, time_ns};
  order_.push_back({key, time_ns});
  return asker;
}

ProcessId DnsObserver::Match(DnsMessage& answer, uint64_t time_ns) {
  const auto found = asked_.find(KeyOf(answer));
  if (found == asked_.end() ||
      found->second.time_ns + kAnswerWithinNs < time_ns ||
      found->second.question != QuestionOf(answer)) {
    return owner_(answer.socket);
  }
  answer.solicited = true;
  const ProcessId asker = found->second.asker;
  // One answer counts: who guesses well may send a second.
  asked_.erase(found);
  return asker;
}

void DnsObserver::AddMessage(absl::string_view bytes, const Segment& segment,
                             Direction direction, uint64_t time_ns) {
  auto message = ParseDns(bytes);
  if (!message) {
    emitter_.CountLost(kCall, 1);
    return;
  }
  message->truncated |= segment.cut;
  message->socket = EndsOf(segment, direction, message->response);
  Observation observation;
  observation.time_ns = time_ns;
  observation.process = message->response ? Match(*message, time_ns)
                                          : Remember(*message, time_ns);
  observation.tid = observation.process.pid;
  observation.syscall = kCall;
  observation.truncated = message->truncated;
  observation.detail = *std::move(message);
  emitter_.Emit(std::move(observation));
}

void DnsObserver::Add(const Segment& segment, Direction direction,
                      uint64_t time_ns) {
  if (segment.protocol == IPPROTO_UDP) {
    AddMessage(segment.payload, segment, direction, time_ns);
    return;
  }
  for (const std::string& message : streams_.Add(segment)) {
    AddMessage(message, segment, direction, time_ns);
  }
  emitter_.CountLost(kCall, streams_.dropped() - streams_dropped_);
  streams_dropped_ = streams_.dropped();
}

}  // namespace gatewatch::probes
