#include "cli/command_rules_test.h"

#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/escape.h"
#include "base/status.h"
#include "cli/exit_code.h"
#include "cli/render_alert.h"
#include "cli/render_event.h"
#include "cli/rule_options.h"
#include "detection/json_event.h"
#include "detection/rule_set.h"
#include "nlohmann/json.hpp"
#include "proto/json.h"

namespace gatewatch::cli {
namespace {

using detection::RuleSet;
using detection::WhyNot;
using nlohmann::ordered_json;

struct Options {
  detection::RulePaths paths;
  std::string events;
  std::string why_not;
};

void WriteObject(const ordered_json& line, std::ostream& out) {
  out << line.dump(-1, ' ', false, ordered_json::error_handler_t::replace)
      << '\n';
}

ordered_json ToObject(const v1::Reason& reason) {
  return {{"condition", reason.condition()},
          {"value", reason.value()},
          {"origin", reason.origin()}};
}

// An agent's event, or one of any shape.
struct TestEvent {
  v1::EventRecord record;
  std::optional<detection::JsonEvent> json;

  detection::EventView View() const {
    return json ? detection::ViewOf(*json) : detection::ViewOf(record);
  }
  std::string Line() const {
    return json ? GuardEscaped(EscapeForTerminal(json->Text()))
                : EventLine(record);
  }
};

constexpr size_t kLineLimit = 32 << 20;

using OnEvent = std::function<void(size_t line, const TestEvent& event)>;

// What is no agent's event is one of any shape, where rules are about those.
absl::StatusOr<TestEvent> ReadEvent(const std::string& text,
                                    const RuleSet& rules) {
  TestEvent event;
  const absl::Status read = FromJson(text, event.record);
  if (read.ok()) return event;
  auto json = detection::JsonEvent::Parse(text);
  constexpr absl::string_view kCall = "event.syscall";
  if (!json.ok() && rules.MatchesJson()) return json.status();
  if (!json.ok() || !rules.MatchesJson() || json->Has(kCall)) return read;
  event.json = *std::move(json);
  return event;
}

// Calls for each event of a file that holds one a line.
absl::Status ForEachEvent(const std::string& path, const RuleSet& rules,
                          const OnEvent& on_event) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  std::vector<char> buffer(kLineLimit + 1);
  size_t line = 0;
  while (file.getline(buffer.data(), buffer.size())) {
    ++line;
    const size_t end = file.eof() ? 0 : 1;  // is counted
    const std::string text(buffer.data(), file.gcount() - end);
    if (text.empty()) continue;
    const absl::StatusOr<TestEvent> event = ReadEvent(text, rules);
    if (!event.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ":", line, ": ", event.status().message()));
    }
    on_event(line, *event);
  }
  if (file.bad()) {
    return absl::DataLossError(absl::StrCat(path, ": reading it failed"));
  }
  if (file.eof()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      path, ":", line + 1, ": is longer than ", kLineLimit >> 20, " MiB"));
}

// --- which rules fire --------------------------------------------------------

void WriteMatch(size_t line, const detection::Match& match,
                const Invocation& invocation) {
  if (!invocation.json) {
    invocation.out << "event " << line << ": "
                   << EscapeForTerminal(match.rule->name()) << " ("
                   << SeverityName(match.severity)
                   << "): " << GuardEscaped(match.output) << '\n';
    if (match.silence != nullptr) {
      invocation.out << "    no alert: " << DescribeSilence(*match.silence)
                     << '\n';
    }
    for (const v1::Reason& reason : match.reasons) {
      WriteReason(reason, "    ", invocation.out);
    }
    return;
  }
  ordered_json reasons = ordered_json::array();
  for (const v1::Reason& reason : match.reasons) {
    reasons.push_back(ToObject(reason));
  }
  WriteObject(
      {{"event", line},
       {"rule", match.rule->name()},
       {"severity", SeverityName(match.severity)},
       {"silenced_by", match.silence == nullptr ? "" : match.silence->name()},
       {"output", match.output},
       {"reasons", reasons}},
      invocation.out);
}

absl::StatusOr<int> ShowMatches(const RuleSet& rules, const Options& options,
                                const Invocation& invocation) {
  size_t events = 0, matches = 0, silenced = 0;
  GATEWATCH_RETURN_IF_ERROR(ForEachEvent(
      options.events, rules, [&](size_t line, const TestEvent& event) {
        ++events;
        for (const auto& match : rules.Matches(event.View())) {
          ++(match.silence == nullptr ? matches : silenced);
          WriteMatch(line, match, invocation);
        }
      }));
  if (!invocation.json) {
    invocation.out << events << " events, " << matches << " alerts";
    if (silenced > 0) invocation.out << ", " << silenced << " silenced";
    invocation.out << '\n';
  }
  return matches > 0 ? kExitOk : kExitNoMatch;
}

// --- why one does not --------------------------------------------------------

// Failures of one rule, the events that came nearest last.
class Nearest {
 public:
  void Add(size_t line, const WhyNot& failure) {
    if (line_ != 0 && failure.held <= held_) return;
    line_ = line;
    held_ = failure.held;
  }
  size_t line() const { return line_; }  // 0: none

 private:
  size_t line_ = 0;
  size_t held_ = 0;
};

void WriteFailure(size_t line, const TestEvent& event,
                  const std::optional<WhyNot>& failure,
                  const Invocation& invocation) {
  if (invocation.json) {
    ordered_json object = {{"event", line}, {"fires", !failure}};
    if (failure) {
      object["held"] = failure->held;
      object["failed"] = ToObject(failure->reason);
    }
    return WriteObject(object, invocation.out);
  }
  invocation.out << "event " << line << ": " << event.Line() << '\n';
  if (!failure) {
    invocation.out << "    fires\n";
    return;
  }
  invocation.out << "    " << failure->held << " held, then failed:\n";
  WriteReason(failure->reason, "    ", invocation.out);
}

absl::StatusOr<int> ShowFailures(const RuleSet& rules, const Options& options,
                                 const Invocation& invocation) {
  const v1::Rule* rule = rules.Find(options.why_not);
  if (rule == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("there is no rule ", options.why_not));
  }
  if (rule->condition().empty() || rule->expanded_condition().empty()) {
    return absl::UnimplementedError(
        absl::StrCat(options.why_not, ": ", rule->reason()));
  }
  if (!rule->enabled() && !invocation.json) {
    invocation.out << "the rule is disabled\n";
  }
  Nearest nearest;
  bool fired = false;
  GATEWATCH_RETURN_IF_ERROR(ForEachEvent(
      options.events, rules, [&](size_t line, const TestEvent& event) {
        const auto failure = *rules.Explain(options.why_not, event.View());
        WriteFailure(line, event, failure, invocation);
        fired = fired || !failure;
        if (failure) nearest.Add(line, *failure);
      }));
  if (!fired && nearest.line() != 0 && !invocation.json) {
    invocation.out << "event " << nearest.line() << " came nearest\n";
  }
  return fired ? kExitOk : kExitNoMatch;
}

absl::StatusOr<int> Test(const Options& options, const Invocation& invocation) {
  GATEWATCH_ASSIGN_OR_RETURN(const auto sources,
                             detection::ReadAllSources(options.paths));
  std::vector<std::string> warnings;
  GATEWATCH_ASSIGN_OR_RETURN(const auto rules,
                             RuleSet::Load(sources, &warnings));
  for (const std::string& warning : warnings) {
    invocation.err << "warning: " << GuardEscaped(warning) << '\n';
  }
  return options.why_not.empty() ? ShowMatches(*rules, options, invocation)
                                 : ShowFailures(*rules, options, invocation);
}

// Every error is an input's, so that NOT_FOUND is no "no match" here.
int Run(const Options& options, const Invocation& invocation) {
  const absl::StatusOr<int> exit = Test(options, invocation);
  if (exit.ok()) return *exit;
  for (const absl::string_view line :
       absl::StrSplit(absl::string_view(exit.status().message()), '\n')) {
    invocation.err << GuardEscaped(line) << '\n';
  }
  return kExitUsage;
}

}  // namespace

void AddRulesTestCommand(CLI::App& rules, Invocation& invocation) {
  CLI::App* command = rules.add_subcommand(
      "test", "Match rule files with recorded events, without an analyzer");
  command->footer(
      "Example:\n"
      "  gatewatch events -o json > events.jsonl\n"
      "  gatewatch rules test my-rules.yaml --events events.jsonl\n"
      "  gatewatch rules test my-rules.yaml --events events.jsonl "
      "--why-not 'Reverse shell'\n"
      "  gatewatch rules test rules.d/ --events events.jsonl "
      "--tuning tuning.yaml\n"
      "Says which rules fire, for each condition that held the value it held "
      "for, and what\na tuning file silences. With --why-not it says for each "
      "event which condition of "
      "that rule failed first,\nand which event came nearest. Where rules are "
      "about JSON events, such as a\ncloud's logs, lines may be those. Exits "
      "with 1 when nothing fires.");
  const auto options = std::make_shared<Options>();
  command->add_option("PATH", options->paths.rules, "files or folders")
      ->required();
  AddTuningOptions(*command, options->paths);
  command->add_option("--events", options->events, "events, one a line as JSON")
      ->required();
  command->add_option("--why-not", options->why_not, "a rule's name");
  AddOutputOption(*command, invocation);
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] {
      return Run(*options, invocation);
    };
  });
}

}  // namespace gatewatch::cli
