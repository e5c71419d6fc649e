// match_rate EVENTS.jsonl [RULES.yaml…]: how many recorded events one core
// matches a second against many rules, next to a walk over all of them. The
// rules are made up in the mix of real ones (rule_mix.h, sigma_mix.h) unless
// files are given. bench/record_mix records events.

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/recording.h"
#include "bench/rule_mix.h"
#include "bench/sigma_mix.h"
#include "detection/matcher.h"
#include "detection/matcher_builder.h"
#include "detection/parser.h"
#include "detection/rule_set.h"

namespace gatewatch::bench {
namespace {

using detection::CompiledCondition;
using detection::EventView;
using detection::Matcher;

constexpr size_t kRuleCounts[] = {25, 93, 300, 1000, 3000};
constexpr size_t kSigmaRuleCounts[] = {300, 3000};
constexpr double kSeconds = 0.3;  // of each measurement, at least

struct Rules {
  std::unique_ptr<const detection::RuleSet> set;
  std::vector<std::unique_ptr<CompiledCondition>> conditions;
  Matcher matcher;
};

Rules Load(const std::vector<detection::RuleSource>& sources) {
  auto set = detection::RuleSet::Load(sources);
  if (!set.ok()) Fail(set.status().message());
  Rules rules;
  rules.set = *std::move(set);
  Matcher::Builder builder;
  for (const v1::Rule& rule : rules.set->rules()) {
    detection::ParseError error;
    const auto parsed =
        detection::ParseCondition(rule.expanded_condition(), nullptr, error);
    size_t budget = SIZE_MAX;
    if (parsed == nullptr) Fail(error.what);
    rules.conditions.push_back(
        CompiledCondition::Compile(*parsed, nullptr, budget, error));
    if (rules.conditions.back() == nullptr) Fail(error.what);
    builder.Add(static_cast<uint32_t>(rules.conditions.size()),
                *rules.conditions.back());
  }
  rules.matcher = std::move(builder).Build();
  return rules;
}

// What this thread has had of a core: others may use the machine.
double ThreadSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_nsec) * 1e-9;
}

// Calls `match` with one event after the other. It returns how many rules
// matched, whose sum `matched` receives for one round of the events.
template <typename F>
double EventsPerSecond(const std::vector<EventView>& views, F match,
                       size_t& matched) {
  matched = 0;
  for (const EventView& view : views) matched += match(view);  // warms up
  size_t events = 0, sum = 0;
  const double start = ThreadSeconds();
  double seconds = 0;
  while (seconds < kSeconds) {
    for (const EventView& view : views) sum += match(view);
    events += views.size();
    seconds = ThreadSeconds() - start;
  }
  if (sum % std::max<size_t>(matched, 1) != 0) Fail("the rounds differ");
  return static_cast<double>(events) / seconds;
}

void Measure(const char* format, const Rules& rules,
             const std::vector<EventView>& views) {
  Matcher::Scratch scratch;
  size_t matched = 0, set_matched = 0, walk_matched = 0;
  const double rate = EventsPerSecond(
      views,
      [&](const EventView& view) {
        return rules.matcher.Match(view, scratch).size();
      },
      matched);
  const double set_rate = EventsPerSecond(
      views,
      [&](const EventView& view) { return rules.set->Matches(view).size(); },
      set_matched);
  const double walk_rate = EventsPerSecond(
      views,
      [&](const EventView& view) {
        size_t count = 0;
        for (const auto& condition : rules.conditions) {
          count += condition->Matches(view) ? 1 : 0;
        }
        return count;
      },
      walk_matched);
  if (matched != walk_matched || matched != set_matched) {
    Fail("the matcher and the walk differ");
  }
  std::printf("%-6s %6zu %14.0f %14.0f %14.0f %8.1f %9zu\n", format,
              rules.conditions.size(), rate, set_rate, walk_rate,
              rate / walk_rate, matched);
}

int Main(int argc, char** argv) {
  if (argc < 2) Fail("which events?");
  const Recording recording(argv[1]);
  const std::vector<EventView>& views = recording.views();
  std::printf("%zu events; events a second, one core:\n", views.size());
  std::printf("%-6s %6s %14s %14s %14s %8s %9s\n", "format", "rules", "matcher",
              "with outputs", "walk", "times", "matches");
  if (argc > 2) {
    auto sources = detection::ReadRuleSources({argv + 2, argv + argc});
    if (!sources.ok()) Fail(sources.status().message());
    Measure("files", Load(*sources), views);
    return 0;
  }
  for (const size_t count : kRuleCounts) {
    Measure("Falco", Load({{"mix", RuleMix(count)}}), views);
  }
  for (const size_t count : kSigmaRuleCounts) {
    Measure("Sigma", Load({{"mix", SigmaMix(count)}}), views);
  }
  return 0;
}

}  // namespace
}  // namespace gatewatch::bench

int main(int argc, char** argv) { return gatewatch::bench::Main(argc, argv); }
