#include "analyzer/partition_index.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyzer/index_builder.h"
#include "analyzer/store_file.h"
#include "base/status.h"
#include "detection/narrowing.h"

namespace gatewatch::analyzer {
namespace {

using detection::TextPattern;

// Each term costs a statement of its own while a scan is at the partition.
constexpr size_t kMaxTerms = 256;
// Of all texts of a field that a pattern is compared with.
constexpr int64_t kMaxTextsRead = 200'000;

// The first text that does not begin with `prefix`; empty: there is none.
std::string BehindPrefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

// The texts of a field to be compared with a pattern.
constexpr char kSelect[] =
    "SELECT id, value, events FROM texts WHERE field = ?1 ";

absl::StatusOr<Statement> TextsNear(Database& database,
                                    const std::string& field,
                                    const TextPattern& pattern) {
  const bool equal = pattern.how == TextPattern::How::kEqual;
  const bool prefix = pattern.how == TextPattern::How::kPrefix;
  const std::string end = prefix ? BehindPrefix(pattern.text) : "";
  const char* where = equal ? "AND value = ?2"
                      : prefix && !end.empty()
                          ? "AND value >= ?2 AND value < ?3"
                          : "";
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement texts,
      database.Prepare(absl::StrCat(kSelect, where, " LIMIT ", kMaxTextsRead)));
  texts.Bind(field);
  if (*where != '\0') texts.BindAt(2, Blob(pattern.text));
  if (prefix && !end.empty()) texts.BindAt(3, Blob(end));
  return texts;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PartitionIndex>> PartitionIndex::Open(
    const Partition& partition) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Database database, OpenForReading(partition.index_path(), kIndexSchema));
  return std::unique_ptr<PartitionIndex>(
      new PartitionIndex(std::move(database), partition.events()));
}

absl::StatusOr<std::optional<PartitionIndex::Choice>> PartitionIndex::ByOrigin(
    const detection::CompiledCondition& condition,
    const std::vector<std::string>& kinds, Surroundings& surroundings) {
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement origins,
      database_.Prepare(
          "SELECT id, source, container, call, kind, events FROM origins"));
  Choice choice;
  while (true) {
    GATEWATCH_ASSIGN_OR_RETURN(const bool row, origins.Step());
    if (!row) return choice;
    if (!kinds.empty() && std::find(kinds.begin(), kinds.end(),
                                    origins.Bytes(4)) == kinds.end()) {
      continue;
    }
    v1::Event event;
    event.set_syscall(std::string(origins.Bytes(3)));
    GATEWATCH_ASSIGN_OR_RETURN(
        detection::EventView origin,
        surroundings.OfOrigin(origins.Integer(1),
                              std::string(origins.Bytes(2))));
    origin.event = &event;
    if (!MayHold(condition, detection::KnownPart::kOrigin, origin)) continue;
    choice.terms.push_back(origins.Integer(0));
    choice.events += origins.Unsigned(5);
    if (choice.terms.size() > kMaxTerms) return std::nullopt;
  }
}

absl::StatusOr<std::optional<PartitionIndex::Choice>> PartitionIndex::ByText(
    const detection::CompiledCondition& condition, const std::string& field) {
  const auto patterns = NecessaryTexts(condition, field);
  if (!patterns) return std::nullopt;
  GATEWATCH_ASSIGN_OR_RETURN(
      Statement kept,
      database_.Prepare("SELECT 1 FROM kept_fields WHERE field = ?"));
  GATEWATCH_ASSIGN_OR_RETURN(const bool is_kept, kept.Bind(field).Step());
  if (!is_kept) return std::nullopt;
  Choice choice;
  for (const TextPattern& pattern : *patterns) {
    GATEWATCH_ASSIGN_OR_RETURN(Statement texts,
                               TextsNear(database_, field, pattern));
    while (true) {
      GATEWATCH_ASSIGN_OR_RETURN(const bool row, texts.Step());
      if (!row) break;
      if (!Fulfils(texts.Bytes(1), pattern)) continue;
      choice.terms.push_back(texts.Integer(0));
      choice.events += texts.Unsigned(2);
      if (choice.terms.size() > kMaxTerms) return std::nullopt;
    }
  }
  // A text may fulfil several patterns; an event must not be seen twice.
  std::sort(choice.terms.begin(), choice.terms.end());
  choice.terms.erase(std::unique(choice.terms.begin(), choice.terms.end()),
                     choice.terms.end());
  return choice;
}

absl::StatusOr<std::optional<PartitionIndex::Terms>> PartitionIndex::TermsFor(
    const detection::CompiledCondition& condition,
    const std::vector<std::string>& kinds, Surroundings& surroundings) {
  GATEWATCH_ASSIGN_OR_RETURN(std::optional<Choice> best,
                             ByOrigin(condition, kinds, surroundings));
  for (const char* field : kIndexedFields) {
    GATEWATCH_ASSIGN_OR_RETURN(std::optional<Choice> choice,
                               ByText(condition, field));
    if (choice && (!best || choice->events < best->events)) {
      best = std::move(choice);
    }
  }
  // To fetch most events one by one takes longer than to walk over all.
  if (!best || best->events > events_ / 2) return std::nullopt;
  return std::move(best->terms);
}

absl::StatusOr<Statement> PartitionIndex::Rows(bool newest_first) {
  return database_.Prepare(
      newest_first ? "SELECT time, event FROM postings WHERE term = ?1"
                     " AND (time, event) < (?2, ?3) AND time >= ?4"
                     " ORDER BY time DESC, event DESC"
                   : "SELECT time, event FROM postings WHERE term = ?1"
                     " AND (time, event) > (?2, ?3) AND time < ?4"
                     " ORDER BY time, event");
}

}  // namespace gatewatch::analyzer
