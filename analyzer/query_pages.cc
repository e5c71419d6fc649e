#include "analyzer/query_pages.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "analyzer/filters.h"
#include "analyzer/page_token.h"
#include "base/status.h"

namespace gatewatch::analyzer {
namespace {

constexpr size_t kDefaultPage = 100;
constexpr size_t kMaxPage = 1000;
constexpr size_t kMaxPageBytes = 3 << 20;  // gRPC's default limit is 4 MiB
constexpr size_t kMaxLookedAt = 100'000;
constexpr size_t kCancelInterval = 256;
constexpr size_t kAroundEachSide = 25;

// What token belongs to which list.
constexpr char kEventList = 'e';
constexpr char kAlertList = 'a';

// How much still goes into a page.
class Room {
 public:
  explicit Room(uint32_t page_size)
      : items_(page_size == 0 ? kDefaultPage
                              : std::min<size_t>(page_size, kMaxPage)) {}

  // Whether the page can go on looking.
  bool MayLook() { return items_ > 0 && looked_at_++ < kMaxLookedAt; }
  bool ShouldAskCancelled() const { return looked_at_ % kCancelInterval == 0; }
  // Takes an item's room; false: there is none. The first always fits, lest a
  // list come to a standstill.
  bool Take(size_t bytes) {
    if (bytes > bytes_ && !first_) return false;
    first_ = false;
    bytes_ -= std::min(bytes, bytes_);
    --items_;
    return true;
  }

 private:
  size_t items_;
  size_t bytes_ = kMaxPageBytes;
  size_t looked_at_ = 0;
  bool first_ = true;
};

std::string TokenOf(const EventPosition& position) {
  return EncodePageToken(kEventList, {position.time_ns, position.partition,
                                      static_cast<uint64_t>(position.row)});
}

std::string TokenOf(const AlertPosition& position) {
  return EncodePageToken(kAlertList, {position.first_time_ns,
                                      static_cast<uint64_t>(position.row)});
}

absl::StatusOr<EventQuery> QueryOf(const v1::ListEventsRequest& request,
                                   const EventMatcher& matcher) {
  EventQuery query{.since_ns = request.since_ns(),
                   .until_ns = request.until_ns(),
                   .kinds = matcher.kinds(),
                   .process_key = matcher.process_key(),
                   .where = matcher.where()};
  if (request.page_token().empty()) return query;
  GATEWATCH_ASSIGN_OR_RETURN(
      const std::vector<uint64_t> after,
      DecodePageToken(kEventList, 3, request.page_token()));
  query.after =
      EventPosition{after[0], after[1], static_cast<int64_t>(after[2])};
  return query;
}

absl::StatusOr<AlertQuery> QueryOf(const v1::ListAlertsRequest& request,
                                   const AlertMatcher& matcher) {
  AlertQuery query{.since_ns = request.since_ns(),
                   .until_ns = request.until_ns(),
                   .at_least = matcher.at_least(),
                   .rule = matcher.rule()};
  if (request.page_token().empty()) return query;
  GATEWATCH_ASSIGN_OR_RETURN(
      const std::vector<uint64_t> after,
      DecodePageToken(kAlertList, 2, request.page_token()));
  query.after = AlertPosition{after[0], static_cast<int64_t>(after[1])};
  return query;
}

}  // namespace

absl::StatusOr<v1::ListEventsResponse> EventPage(
    EventStore& events, const v1::ListEventsRequest& request,
    Cancelled cancelled) {
  GATEWATCH_ASSIGN_OR_RETURN(const EventMatcher matcher,
                             EventMatcher::Make(request.filter()));
  GATEWATCH_ASSIGN_OR_RETURN(EventQuery query, QueryOf(request, matcher));
  EventScan scan = events.Scan(std::move(query));
  v1::ListEventsResponse page;
  Room room(request.page_size());
  EventPosition last;
  while (true) {
    GATEWATCH_ASSIGN_OR_RETURN(const bool more, scan.Next());
    if (!more) return page;
    if (!room.MayLook()) break;
    if (room.ShouldAskCancelled() && cancelled()) {
      return absl::CancelledError("the caller has gone");
    }
    GATEWATCH_ASSIGN_OR_RETURN(const detection::EventView view, scan.View());
    if (matcher.MatchesCondition(view)) {
      GATEWATCH_ASSIGN_OR_RETURN(v1::EventRecord record, scan.Record());
      if (!room.Take(record.ByteSizeLong())) break;
      *page.add_events() = std::move(record);
    }
    last = scan.position();
  }
  page.set_next_page_token(TokenOf(last));
  return page;
}

absl::StatusOr<v1::ListAlertsResponse> AlertPage(
    const AlertStore& alerts, const v1::ListAlertsRequest& request,
    Cancelled cancelled) {
  GATEWATCH_ASSIGN_OR_RETURN(const AlertMatcher matcher,
                             AlertMatcher::Make(request.filter()));
  GATEWATCH_ASSIGN_OR_RETURN(const AlertQuery query, QueryOf(request, matcher));
  v1::ListAlertsResponse page;
  Room room(request.page_size());
  AlertPosition last;
  bool gone = false;
  const auto visit = [&](AlertPosition position, v1::Alert alert) {
    if (!room.MayLook()) return false;
    gone = room.ShouldAskCancelled() && cancelled();
    if (gone) return false;
    if (matcher.Matches(alert)) {
      if (!room.Take(alert.ByteSizeLong())) return false;
      *page.add_alerts() = std::move(alert);
    }
    last = position;
    return true;
  };
  GATEWATCH_ASSIGN_OR_RETURN(const bool all, alerts.Visit(query, visit));
  if (gone) return absl::CancelledError("the caller has gone");
  if (!all) page.set_next_page_token(TokenOf(last));
  return page;
}

absl::StatusOr<std::vector<v1::EventRecord>> EventsAround(
    EventStore& events, const v1::Alert& alert) {
  std::vector<v1::EventRecord> around;
  const std::string& key = alert.event().process().key();
  if (key.empty()) return around;
  const uint64_t time = alert.event().event().time_ns();
  const auto take = [&](EventQuery query) -> absl::Status {
    query.process_key = key;
    EventScan scan = events.Scan(std::move(query));
    for (size_t taken = 0; taken < kAroundEachSide; ++taken) {
      GATEWATCH_ASSIGN_OR_RETURN(const bool more, scan.Next());
      if (!more) break;
      GATEWATCH_ASSIGN_OR_RETURN(v1::EventRecord record, scan.Record());
      around.push_back(std::move(record));
    }
    return absl::OkStatus();
  };
  // Up to the event itself, backwards; then what came after.
  GATEWATCH_RETURN_IF_ERROR(take({.until_ns = time + 1, .newest_first = true}));
  std::reverse(around.begin(), around.end());
  GATEWATCH_RETURN_IF_ERROR(take({.since_ns = time + 1}));
  return around;
}

}  // namespace gatewatch::analyzer
