#include "detection/rule_set.h"

#include <set>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "base/escape.h"
#include "base/status.h"
#include "base/syscall_kind.h"
#include "detection/explanation.h"
#include "detection/list_file.h"
#include "detection/matcher.h"
#include "detection/matcher_builder.h"
#include "detection/output_format.h"
#include "detection/rule_compiler.h"
#include "detection/rule_file.h"
#include "detection/rule_support.h"
#include "detection/sigma/sigma_rules.h"
#include "detection/tuning.h"
#include "detection/tuning_file.h"

namespace gatewatch::detection {
namespace {

constexpr char kSupported[] = "supported";
constexpr char kDegraded[] = "degraded";
constexpr char kUnsupported[] = "unsupported";

constexpr absl::string_view kFindingTag = "guardduty:";

v1::Rule Describe(const RuleDefinition& definition) {
  v1::Rule rule;
  rule.set_name(definition.name);
  rule.set_description(definition.description);
  rule.set_severity(definition.severity);
  for (const std::string& tag : definition.tags) {
    rule.add_tags(tag);
    absl::string_view finding = tag;
    if (absl::ConsumePrefix(&finding, kFindingTag)) {
      rule.add_guardduty(std::string(finding));
    }
  }
  rule.set_format("falco");
  rule.set_status(kUnsupported);
  rule.set_condition(definition.condition.text());
  rule.set_output(definition.output.text());
  rule.set_file(definition.place.source->name);
  rule.set_line(static_cast<uint32_t>(definition.place.line + 1));
  rule.set_enabled(definition.enabled);
  return rule;
}

// Fields that tell of events of other kinds, earlier ones.
struct FieldSource {
  absl::string_view field;
  absl::string_view kind;
};
constexpr FieldSource kSources[] = {
    {"proc.exe_written_by", "open"}, {"proc.exe_written_by", "rename"},
    {"proc.exe_written_by", "link"}, {"proc.exe_written_by", "memfd"},
    {"fd.written_by", "open"},       {"fd.written_by", "rename"},
    {"fd.written_by", "link"},
};

// Finding the name in the text errs on the side of needing more.
void AddSources(const v1::Rule& rule, std::set<std::string>& kinds) {
  for (const FieldSource& source : kSources) {
    if (absl::StrContains(rule.expanded_condition(), source.field) ||
        absl::StrContains(rule.output(), source.field)) {
      kinds.emplace(source.kind);
    }
  }
}

void ReadSources(const std::vector<RuleSource>& sources,
                 Definitions& definitions, sigma::SigmaRules& sigma,
                 std::vector<TuningItem>& tuning,
                 std::vector<std::string>& errors,
                 std::vector<std::string>& odd) {
  for (const RuleSource& source : sources) {
    if (source.tuning) {
      ReadTuningFile(source, tuning, errors);
    } else if (source.list.empty()) {
      ReadRuleFile(source, definitions, sigma, errors, odd);
    }
  }
  for (const RuleSource& source : sources) {
    if (!source.list.empty()) ReadListFile(source, definitions, errors);
  }
}

bool IsCalled(const v1::Rule& rule, absl::string_view name) {
  return rule.name() == name || (!rule.id().empty() && rule.id() == name);
}

// A message is one line and cannot drive a terminal, whatever it quotes.
std::vector<std::string> Printable(std::vector<std::string> messages) {
  for (std::string& message : messages) message = EscapeForTerminal(message);
  return messages;
}

}  // namespace

struct RuleSet::State {
  // Loads one rule, and describes it with its status. One that is not
  // "unsupported" is then among `rules`.
  v1::Rule Add(const RuleDefinition& definition, RuleCompiler& compiler,
               std::vector<std::string>& errors);

  // The same for Sigma's, which come compiled.
  void Add(sigma::LoadedRule loaded);

  struct Compiled {
    std::unique_ptr<CompiledCondition> condition;  // null of correlations
    OutputFormat output;
  };
  std::vector<v1::Rule> rules;
  std::vector<v1::Rule> unsupported;
  std::vector<Compiled> compiled;  // one a rule
  Tuning tuning;
  Matcher matcher;  // of the enabled rules
  // The types of events that enabled rules name; and whether there are rules
  // that name none.
  absl::btree_set<std::string> types;
  bool any_type = false;
  absl::Mutex mutex;
  std::vector<std::unique_ptr<Matcher::Scratch>> scratches
      ABSL_GUARDED_BY(mutex);

  void BuildMatcher() {
    Matcher::Builder builder;
    for (size_t i = 0; i < rules.size(); ++i) {
      // A correlation has no condition of its own.
      if (!rules[i].enabled() || compiled[i].condition == nullptr) continue;
      const CompiledCondition& condition = *compiled[i].condition;
      builder.Add(static_cast<uint32_t>(i), condition);
      any_type |= condition.types().all_but;
      if (condition.types().all_but) continue;
      types.insert(condition.types().names.begin(),
                   condition.types().names.end());
    }
    matcher = std::move(builder).Build();
  }

  // Taken in turn by those who match; as many as ever matched at once.
  std::unique_ptr<Matcher::Scratch> TakeScratch() ABSL_LOCKS_EXCLUDED(mutex) {
    absl::MutexLock lock(&mutex);
    if (scratches.empty()) return std::make_unique<Matcher::Scratch>();
    std::unique_ptr<Matcher::Scratch> taken = std::move(scratches.back());
    scratches.pop_back();
    return taken;
  }

  void GiveBack(std::unique_ptr<Matcher::Scratch> scratch)
      ABSL_LOCKS_EXCLUDED(mutex) {
    absl::MutexLock lock(&mutex);
    scratches.push_back(std::move(scratch));
  }
};

v1::Rule RuleSet::State::Add(const RuleDefinition& definition,
                             RuleCompiler& compiler,
                             std::vector<std::string>& errors) {
  v1::Rule rule = Describe(definition);
  if (definition.condition.empty() || definition.output.empty()) {
    rule.set_reason("it is incomplete");  // which is among the errors
    return rule;
  }
  if (definition.source != "syscall" && definition.source != "json") {
    rule.set_reason(
        absl::StrCat("no events of the source ", definition.source));
    return rule;
  }
  std::string unsupported;
  auto condition = compiler.Compile(definition, unsupported);
  rule.set_reason(unsupported);
  ParseError error;
  auto output = OutputFormat::Parse(definition.output.text(), error);
  if (!output && unsupported.empty()) {
    errors.push_back(absl::StrCat(definition.output.At(error.position),
                                  ": rule ", definition.name, ": ",
                                  error.what));
  }
  if (condition == nullptr || !output) return rule;
  rule.set_expanded_condition(condition->text());
  rule.set_reason(LimitsOf({.tested = condition->fields(),
                            .printed = output->fields(),
                            .types = condition->types(),
                            .named = condition->types()}));
  rule.set_status(rule.reason().empty() ? kSupported : kDegraded);
  rules.push_back(rule);
  compiled.push_back({std::move(condition), *std::move(output)});
  return rule;
}

void RuleSet::State::Add(sigma::LoadedRule loaded) {
  ParseError error;
  auto output = OutputFormat::Parse(loaded.rule.output(), error);
  GATEWATCH_CHECK(output.has_value());  // it is made of what was parsed
  rules.push_back(std::move(loaded.rule));
  compiled.push_back({std::move(loaded.condition), *std::move(output)});
}

RuleSet::RuleSet() : state_(std::make_unique<State>()) {}
RuleSet::~RuleSet() = default;

absl::StatusOr<std::unique_ptr<const RuleSet>> RuleSet::Load(
    const std::vector<RuleSource>& sources,
    std::vector<std::string>* warnings) {
  RuleReport report;
  std::unique_ptr<const RuleSet> set = Build(sources, report);
  if (warnings != nullptr) *warnings = std::move(report.warnings);
  if (!report.errors.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(report.errors, "\n"));
  }
  return set;
}

RuleReport RuleSet::Check(const std::vector<RuleSource>& sources) {
  RuleReport report;
  Build(sources, report);
  return report;
}

std::unique_ptr<RuleSet> RuleSet::Build(const std::vector<RuleSource>& sources,
                                        RuleReport& report) {
  Definitions definitions;
  std::vector<std::string> errors, odd;
  sigma::SigmaRules sigma;
  std::vector<TuningItem> tuning;
  ReadSources(sources, definitions, sigma, tuning, errors, odd);
  RuleCompiler compiler(definitions, errors);
  std::unique_ptr<RuleSet> set(new RuleSet());
  for (const RuleDefinition& definition : definitions.rules) {
    const size_t errors_before = errors.size();
    v1::Rule rule = set->state_->Add(definition, compiler, errors);
    if (errors.size() > errors_before) {
      rule.set_reason(EscapeForTerminal(errors[errors_before]));
    } else if (rule.status() == kUnsupported) {
      odd.push_back(absl::StrCat(definition.place.Text(), ": rule ",
                                 definition.name,
                                 " is left out: ", rule.reason()));
      set->state_->unsupported.push_back(rule);
    }
    report.rules.push_back(std::move(rule));
  }
  set->AddSigma(sigma, report, errors, odd);
  Tuning& applied = set->state_->tuning;
  applied.Add(tuning, report.rules, compiler, errors, odd);
  for (v1::Rule& rule : set->state_->rules) applied.Override(rule);
  for (v1::Rule& rule : report.rules) applied.Override(rule);
  compiler.CheckUnusedMacros(odd);
  report.errors = Printable(std::move(errors));
  report.warnings = Printable(std::move(odd));
  set->state_->BuildMatcher();
  return set;
}

void RuleSet::AddSigma(sigma::SigmaRules& sigma, RuleReport& report,
                       std::vector<std::string>& errors,
                       std::vector<std::string>& warnings) {
  const size_t errors_before = errors.size();
  size_t next_error = errors_before;
  for (sigma::LoadedRule& loaded : sigma.Load(errors, warnings)) {
    const bool wrong =
        loaded.rule.status() == kUnsupported && loaded.rule.reason().empty();
    if (wrong) {
      loaded.rule.set_reason(EscapeForTerminal(errors[next_error++]));
    } else if (loaded.rule.status() == kUnsupported) {
      warnings.push_back(absl::StrCat(
          loaded.rule.file(), ":", loaded.rule.line(), ": rule ",
          loaded.rule.name(), " is left out: ", loaded.rule.reason()));
      state_->unsupported.push_back(loaded.rule);
    }
    report.rules.push_back(loaded.rule);
    if (loaded.rule.status() != kUnsupported) state_->Add(std::move(loaded));
  }
}

const std::vector<v1::Rule>& RuleSet::rules() const { return state_->rules; }

const std::vector<v1::Rule>& RuleSet::unsupported() const {
  return state_->unsupported;
}

absl::StatusOr<std::optional<WhyNot>> RuleSet::Explain(
    absl::string_view rule, const EventView& event) const {
  for (size_t i = 0; i < state_->rules.size(); ++i) {
    if (!IsCalled(state_->rules[i], rule)) continue;
    if (state_->compiled[i].condition == nullptr) {
      return absl::UnimplementedError(
          absl::StrCat(rule, ": ", state_->rules[i].reason()));
    }
    auto failure = ExplainFailure(*state_->compiled[i].condition, event);
    if (failure) return failure;
    return state_->tuning.ExplainFailure(state_->rules[i].name(), event);
  }
  return absl::NotFoundError(absl::StrCat("there is no rule ", rule));
}

const std::vector<v1::Silence>& RuleSet::silences() const {
  return state_->tuning.silences();
}

const v1::Rule* RuleSet::Find(absl::string_view name) const {
  for (const v1::Rule& rule : state_->rules) {
    if (IsCalled(rule, name)) return &rule;
  }
  return nullptr;
}

std::optional<std::vector<std::string>> RuleSet::NeededKinds() const {
  if (state_->any_type) return std::nullopt;
  std::set<std::string> kinds;
  for (const std::string& type : state_->types) {
    kinds.emplace(KindOfSyscall(type));
    // A clone(2) may start a process or make namespaces.
    if (KindOfSyscall(type) == "start") kinds.insert("namespace");
  }
  for (const v1::Rule& rule : state_->rules) {
    if (rule.enabled()) AddSources(rule, kinds);
  }
  kinds.erase("unknown");  // a type of Falco's that no agent sends
  return std::vector<std::string>(kinds.begin(), kinds.end());
}

bool RuleSet::MatchesJson() const { return state_->types.contains("json"); }

std::vector<Match> RuleSet::Matches(const EventView& event) const {
  std::vector<Match> matches;
  auto scratch = state_->TakeScratch();
  for (const uint32_t index : state_->matcher.Match(event, *scratch)) {
    const State::Compiled& compiled = state_->compiled[index];
    Match match = {.rule = &state_->rules[index]};
    ExplainMatch(compiled.condition->root(), event, /*origin=*/"",
                 match.reasons);
    const auto verdict =
        state_->tuning.Judge(*match.rule, event, match.reasons);
    if (!verdict) continue;
    match.severity = verdict->severity;
    match.silence = verdict->silence;
    match.output = compiled.output.Fill(event);
    matches.push_back(std::move(match));
  }
  state_->GiveBack(std::move(scratch));
  return matches;
}

}  // namespace gatewatch::detection
