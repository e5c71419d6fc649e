#include "detection/rule_set.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "catch2/catch.hpp"
#include "tests/unit/detection/samples.h"

namespace gatewatch::detection {
namespace {

using Texts = std::vector<std::string>;

std::unique_ptr<const RuleSet> Load(const std::string& text) {
  Loaded rules = LoadText(text);
  if (!rules.ok()) FAIL(rules.status().message());
  return *std::move(rules);
}

// What the shell's exec fires.
Texts Fires(const std::string& text) {
  return FiredBy(*Load(text), ShellExec());
}

std::string ErrorOf(const std::string& text) {
  const Loaded rules = LoadText(text);
  return rules.ok() ? "" : std::string(rules.status().message());
}

Texts WarningsOf(const std::string& text) {
  Texts warnings;
  CHECK(RuleSet::Load({{"rules.yaml", text}}, &warnings).ok());
  return warnings;
}

}  // namespace

TEST_CASE("a rule is loaded with all that it says", "[rules]") {
  const auto rules = Load(R"(
- required_engine_version: 0.57.0
- rule: Shell
  desc: A shell
  condition: evt.type = execve and proc.name in (sh, bash)
  output: shell %proc.name
  priority: CRITICAL
  tags: [mitre_execution, T1059.004]
  source: syscall
)");
  REQUIRE(rules->rules().size() == 1);
  const v1::Rule& rule = rules->rules()[0];
  CHECK(rule.name() == "Shell");
  CHECK(rule.description() == "A shell");
  CHECK(rule.severity() == v1::SEVERITY_CRITICAL);
  CHECK(rule.tags_size() == 2);
  CHECK(rule.tags(1) == "T1059.004");
  CHECK(rule.condition() == "evt.type = execve and proc.name in (sh, bash)");
  CHECK(rule.output() == "shell %proc.name");
  CHECK(rule.file() == "rules.yaml");
  CHECK(rule.line() == 3);
  CHECK(rule.enabled());
  CHECK(rules->Find("Shell") == &rule);
  CHECK(rules->Find("shell") == nullptr);
}

TEST_CASE("rules need the kinds of the calls that they name", "[rules]") {
  const auto needed = [](const std::string& condition,
                         const std::string& output = "o") {
    return Load("- rule: A\n  desc: d\n  condition: " + condition +
                "\n  output: \"" + output + "\"\n  priority: INFO\n")
        ->NeededKinds();
  };
  CHECK(needed("evt.type in (openat, connect)") == Texts{"connect", "open"});
  CHECK(needed("evt.type = clone") == Texts{"namespace", "start"});
  CHECK(needed("evt.type in (execve, container)") == Texts{"exec"});
  // Who wrote a program is known from earlier events.
  const Texts written = {"exec", "link", "memfd", "open", "rename"};
  CHECK(needed("evt.type = execve and proc.exe_written_by = curl") == written);
  CHECK(needed("evt.type = execve", "%proc.exe_written_by") == written);
}

TEST_CASE("a rule that names no call may need any kind", "[rules]") {
  const std::string rule =
      "- rule: A\n  desc: d\n  condition: proc.name = x\n"
      "  output: o\n  priority: INFO\n";
  CHECK_FALSE(Load(rule)->NeededKinds().has_value());
  CHECK(Load(rule + "  enabled: false\n")->NeededKinds() == Texts{});
}

TEST_CASE("a match has its rule, output and reasons", "[rules]") {
  const auto rules = Load(R"(
- rule: Shell
  desc: d
  condition: evt.type = execve and proc.name = sh
  output: shell %proc.name by %proc.pname
  priority: INFO
)");
  const v1::EventRecord record = ShellExec();
  const std::vector<Match> matches = rules->Matches(ViewOf(record));
  REQUIRE(matches.size() == 1);
  CHECK(matches[0].rule == rules->Find("Shell"));
  CHECK(matches[0].output == "shell sh by nginx");
  REQUIRE(matches[0].reasons.size() == 2);
  CHECK(matches[0].reasons[1].condition() == "proc.name = \"sh\"");
  CHECK(matches[0].reasons[1].value() == "sh");
}

TEST_CASE("macros stand for conditions, and for macros in them", "[rules]") {
  const std::string macros = R"(
- macro: spawned
  condition: evt.type = execve or evt.type = execveat
- macro: shell
  condition: spawned and proc.name = sh
)";
  CHECK(Fires(macros + RuleText("a", "shell")) == Texts{"a"});
  CHECK(Fires(macros + RuleText("a", "not shell")) == Texts{});
  // As a whole: "or" inside a macro binds stronger than "and" around it.
  CHECK(Fires(macros + RuleText("a", "spawned and proc.name = x")) == Texts{});
  CHECK(Fires(macros + RuleText("a", "proc.name = x and spawned")) == Texts{});
  CHECK(
      Load(macros + RuleText("a", "shell"))->Find("a")->expanded_condition() ==
      "((evt.type = \"execve\" or evt.type = \"execveat\") and "
      "proc.name = \"sh\")");
}

TEST_CASE("rules from the time when calls had two events fire", "[rules]") {
  CHECK(Fires(RuleText("a", "evt.type=execve and evt.dir=<")) == Texts{"a"});
  CHECK(Fires(RuleText("a", "evt.type=execve and evt.dir=>")) == Texts{});
}

TEST_CASE("lists stand for their items, and for lists in them", "[rules]") {
  const std::string lists = R"yaml(
- list: shells
  items: [bash, sh]
- list: quoted
  items: ['"(systemd)"', "'a b'"]
- list: none
  items: []
- list: all
  items: [quoted, none, more]
- list: more
  items: [shells, zsh]
)yaml";
  CHECK(Fires(lists + RuleText("a", "proc.name in (all)")) == Texts{"a"});
  CHECK(Fires(lists + RuleText("a", "proc.name in (none)")) == Texts{});
  CHECK(Load(lists + RuleText("a", "proc.name in (x, all)"))
            ->Find("a")
            ->expanded_condition() ==
        "proc.name in (\"x\", \"(systemd)\", \"a b\", \"bash\", \"sh\", "
        "\"zsh\")");
}

TEST_CASE("rules fire in the order of loading", "[rules]") {
  const std::string text =
      RuleText("b", "evt.type = execve") + RuleText("a", "proc.name = sh") +
      RuleText("d", "proc.name = x") + RuleText("c", "evt.type != open");
  CHECK(Fires(text) == Texts{"b", "a", "c"});
}

TEST_CASE("a later definition replaces an earlier one in its place",
          "[rules]") {
  const std::string text =
      "- macro: m\n  condition: proc.name = x\n"
      "- list: l\n  items: [x]\n" +
      RuleText("a", "m") + RuleText("b", "proc.name in (l)") +
      RuleText("c", "proc.name = x") +
      "- macro: m\n  condition: proc.name = sh\n"
      "- list: l\n  items: [sh]\n" +
      RuleText("c", "proc.name = sh") + RuleText("a", "m and proc.pid = 4242");
  CHECK(Fires(text) == Texts{"a", "b", "c"});
  CHECK(Load(text)->rules().size() == 3);
}

TEST_CASE("definitions carry over from file to file", "[rules]") {
  const auto rules =
      RuleSet::Load({{"1.yaml", "- macro: m\n  condition: proc.name = x\n" +
                                    RuleText("a", "m")},
                     {"2.yaml",
                      "- macro: m\n  condition: or proc.name = sh\n"
                      "  append: true\n"},
                     {"3.yaml", "---\n" + RuleText("b", "m") + "---\n" +
                                    RuleText("c", "m")}});
  REQUIRE(rules.ok());
  CHECK(FiredBy(**rules, ShellExec()) == Texts{"a", "b", "c"});
  CHECK((*rules)->Find("b")->file() == "3.yaml");
}

TEST_CASE("append extends a condition or a list", "[rules]") {
  CHECK(Fires(RuleText("a", "proc.name = x") +
              "- rule: a\n  condition: or proc.name = sh\n  append: true\n") ==
        Texts{"a"});
  CHECK(Fires("- list: l\n  items: [x]\n"
              "- list: l\n  items: [sh]\n  append: true\n" +
              RuleText("a", "proc.name in (l)") +
              RuleText("b", "proc.name = sh and proc.name in (x, l)")) ==
        Texts{"a", "b"});
  CHECK(Fires("- list: l\n  items: [x]\n"
              "- list: l\n  items: [sh]\n  append: false\n" +
              RuleText("a", "proc.name in (x)")) == Texts{});
}

TEST_CASE("override says for each key whether it extends or replaces",
          "[rules]") {
  const auto rules = Load(RuleText("a", "proc.name = x") + R"(
- rule: a
  desc: more
  condition: proc.name = sh
  output: and %proc.name
  tags: [t]
  priority: DEBUG
  override:
    desc: append
    condition: replace
    output: append
    tags: append
    priority: replace
)");
  CHECK(FiredBy(*rules, ShellExec()) == Texts{"a"});
  const v1::Rule& rule = *rules->Find("a");
  CHECK(rule.description() == "d more");
  CHECK(rule.output() == "o and %proc.name");
  CHECK(rule.severity() == v1::SEVERITY_DEBUG);
  REQUIRE(rule.tags_size() == 1);
  CHECK(Fires("- list: l\n  items: [x]\n"
              "- list: l\n  items: [sh]\n  override:\n    items: append\n"
              "- macro: m\n  condition: proc.name = x\n"
              "- macro: m\n  condition: or proc.name in (l)\n"
              "  override:\n    condition: append\n" +
              RuleText("a", "m")) == Texts{"a"});
  CHECK(Fires("- macro: m\n  condition: proc.name = sh\n"
              "- macro: m\n  condition: proc.name = x\n"
              "  override:\n    condition: replace\n" +
              RuleText("a", "m")) == Texts{});
}

TEST_CASE("an override that says too much or too little is refused",
          "[rules]") {
  const auto error_of = [](const std::string& item) {
    return ErrorOf(RuleText("a", "evt.type = x") + "- {rule: a, " + item +
                   "}\n");
  };
  CHECK(error_of("condition: or a, tags: [], override: {condition: append}") ==
        "rules.yaml:6:30: rule a: override does not say what to do with tags");
  CHECK(error_of("override: {tags: replace}") ==
        "rules.yaml:6:24: rule a: there is no tags to override with");
  CHECK(error_of("tags: [], override: {tags: extend}") ==
        "rules.yaml:6:40: rule a: an override is append or replace");
  CHECK(error_of("priority: INFO, override: {priority: append}") ==
        "rules.yaml:6:50: rule a: priority can only be replaced");
  CHECK(error_of("tags: [], append: true, override: {tags: append}") ==
        "rules.yaml:6:47: rule a: append and override exclude each other");
  CHECK(error_of("tags: [], override: append") ==
        "rules.yaml:6:33: rule a: override must name keys");
}

TEST_CASE("only what exists can be appended to or overridden", "[rules]") {
  CHECK(ErrorOf("- list: l\n  items: []\n  append: true\n") ==
        "rules.yaml:1:3: list l: there is none of this name to append to or "
        "override");
  CHECK(ErrorOf("- macro: m\n  condition: a\n  append: true\n") ==
        "rules.yaml:1:3: macro m: there is none of this name to append to or "
        "override");
  CHECK(
      ErrorOf("- rule: r\n  condition: a\n  override: {condition: append}\n") ==
      "rules.yaml:1:3: rule r: there is none of this name to append to or "
      "override");
}

TEST_CASE("a disabled rule is listed and does not fire", "[rules]") {
  const std::string rule = RuleText("a", "proc.name = sh");
  CHECK(Fires(rule + "  enabled: false\n") == Texts{});
  CHECK_FALSE(Load(rule + "  enabled: false\n")->Find("a")->enabled());
  // An item with nothing else switches an earlier rule.
  CHECK(Fires(rule + "- rule: a\n  enabled: false\n") == Texts{});
  CHECK(Fires(rule + "  enabled: false\n- rule: a\n  enabled: true\n") ==
        Texts{"a"});
  CHECK(Fires(rule + "- rule: a\n  enabled: false\n"
                     "  override: {enabled: replace}\n") == Texts{});
}

TEST_CASE("exceptions of one field list its values", "[rules]") {
  const auto with = [](const std::string& values) {
    return Fires(RuleText("a", "evt.type = execve or evt.type = x") +
                 "  exceptions:\n  - name: e\n    fields: proc.name\n"
                 "    values: " +
                 values + "\n");
  };
  CHECK(with("[sh, bash]") == Texts{});
  CHECK(with("[bash]") == Texts{"a"});
  CHECK(with("[]") == Texts{"a"});
}

TEST_CASE("exceptions of several fields list tuples of values", "[rules]") {
  const auto with = [](const std::string& values) {
    return Fires(RuleText("a", "evt.type = execve") +
                 "  exceptions:\n  - name: e\n"
                 "    fields: [proc.name, proc.pname, proc.args]\n"
                 "    comps: [=, in, contains]\n"
                 "    values: " +
                 values + "\n");
  };
  CHECK(with("[[sh, [nginx, apache2], 'id;']]") == Texts{});
  CHECK(with("[[sh, [apache2], 'id;']]") == Texts{"a"});
  CHECK(with("[[sh, [nginx], rm]]") == Texts{"a"});
  CHECK(with("[[x, [x], x], [sh, [nginx], ls]]") == Texts{});
}

TEST_CASE("the operator of a single field is what comps says", "[rules]") {
  const auto with = [](const std::string& exception) {
    return Fires(RuleText("a", "evt.type = execve") +
                 "  exceptions:\n  - {name: e, " + exception + "}\n");
  };
  CHECK(with("fields: proc.exepath, comps: pmatch, values: [/usr, /x]") ==
        Texts{});
  CHECK(with("fields: proc.exepath, comps: in, values: [/usr]") == Texts{"a"});
  CHECK(with("fields: proc.exepath, comps: endswith, values: [x, dash]") ==
        Texts{});
  CHECK(with("fields: [proc.exepath], comps: [pmatch], values: [[[/usr]]]") ==
        Texts{});
}

TEST_CASE("an operator that takes a list takes one value, too", "[rules]") {
  CHECK(Fires(RuleText("a", "evt.type = execve") +
              "  exceptions:\n  - {name: e, fields: [proc.name, proc.pname], "
              "comps: [in, in], values: [[sh, nginx]]}\n") == Texts{});
}

TEST_CASE("exceptions may name lists", "[rules]") {
  const std::string text = "- {list: shells, items: [bash, sh]}\n" +
                           RuleText("a", "evt.type = execve") +
                           "  exceptions:\n";
  CHECK(Fires(text + "  - {name: e, fields: proc.name, values: [x, shells]}") ==
        Texts{});
  CHECK(Fires(text + "  - {name: e, fields: [proc.name, proc.pid], comps: [in, "
                     "=], values: [[shells, 4242]]}") == Texts{});
  CHECK(Fires(text +
              "  - {name: e, fields: proc.name, values: ['\"shells\"']}") ==
        Texts{"a"});
}

TEST_CASE("values of exceptions are text, not conditions", "[rules]") {
  const std::string value =
      GENERATE(as<std::string>(), "x\") or (proc.name exists", "a\\", "\"",
               "it's", "a, b", "(a)");
  INFO(value);
  const auto fires = [&](const std::string& exception) {
    v1::EventRecord record = ShellExec();
    record.mutable_process()->set_name(value);
    const auto rules = Load(RuleText("a", "evt.type = execve") +
                            "  exceptions:\n  - " + exception + "\n");
    CHECK(FiredBy(*rules, ShellExec()) == Texts{"a"});
    return FiredBy(*rules, record);
  };
  std::string yaml = "'";
  for (const char c : value) yaml += c == '\'' ? "''" : std::string(1, c);
  yaml += "'";
  CHECK(fires("{name: e, fields: proc.name, values: [" + yaml + "]}") ==
        Texts{});
  CHECK(fires("{name: e, fields: [proc.name, proc.pid], values: [[" + yaml +
              ", 4242]]}") == Texts{});
}

TEST_CASE("comps of several fields are = when they are not given", "[rules]") {
  CHECK(Fires(RuleText("a", "evt.type = execve") +
              "  exceptions:\n  - {name: e, fields: [proc.name, proc.pname], "
              "values: [[sh, nginx]]}\n") == Texts{});
}

TEST_CASE("several exceptions each except", "[rules]") {
  const std::string text =
      RuleText("a", "evt.type = execve") +
      "  exceptions:\n  - {name: e, fields: proc.name, values: [x]}\n"
      "  - {name: f, fields: proc.pname, values: [y]}\n";
  CHECK(Fires(text) == Texts{"a"});
  // Values of an exception of the same name are added.
  const std::string more =
      "- rule: a\n  exceptions: [{name: f, values: [nginx]}]\n";
  CHECK(Fires(text + more + "  append: true\n") == Texts{});
  CHECK(Fires(text + more + "  override: {exceptions: append}\n") == Texts{});
}

TEST_CASE("what an exception lacks is an error", "[rules]") {
  const auto error_of = [](const std::string& exceptions) {
    return ErrorOf(RuleText("a", "evt.type = execve") +
                   "  exceptions: " + exceptions + "\n");
  };
  CHECK(error_of("x") == "rules.yaml:6:15: rule a: exceptions must be a list");
  CHECK(error_of("[{fields: a.b}]") ==
        "rules.yaml:6:16: rule a: an exception needs a name");
  CHECK(error_of("[{name: e}]") ==
        "rules.yaml:6:16: rule a: exception e: fields are missing");
  CHECK(error_of("[{name: e, fields: [a, b], comps: [=]}]") ==
        "rules.yaml:6:16: rule a: exception e: as many comps as fields are "
        "needed");
  CHECK(error_of("[{name: e, fields: [proc.name, proc.exe], values: [[a]]}]") ==
        "rules.yaml:6:66: rule a: exception e: 2 values are needed, one a "
        "field");
  CHECK(error_of("[{name: e, fields: proc.nam, values: [a]}]") ==
        "rules.yaml:6:16: rule a: exception e: there is no field proc.nam; did "
        "you mean proc.name?");
  CHECK(error_of(
            "[{name: e, fields: proc.name, comps: resembles, values: [a]}]") ==
        "rules.yaml:6:16: rule a: exception e: resembles is no operator with a "
        "value");
  CHECK(error_of("[{name: e, fields: nothing, values: [a]}]") ==
        "rules.yaml:6:16: rule a: exception e: nothing is no field");
  CHECK(error_of("[{name: e, fields: proc.pid, values: [a]}]") ==
        "rules.yaml:6:16: rule a: exception e: \"a\" is not a number");
  CHECK(error_of("[{name: e, fields: [proc.name], values: [[[a, b]]]}]") ==
        "rules.yaml:6:16: rule a: exception e: = takes one value");
  CHECK(error_of("[{name: e, fields: [proc.name], values: [[[]]]}]") ==
        "rules.yaml:6:16: rule a: exception e: a value is missing");
}

TEST_CASE("priorities are read in any case", "[rules]") {
  struct Row {
    std::string text;
    v1::Severity severity;
  };
  const Row row =
      GENERATE(values<Row>({{"EMERGENCY", v1::SEVERITY_EMERGENCY},
                            {"alert", v1::SEVERITY_ALERT},
                            {"Critical", v1::SEVERITY_CRITICAL},
                            {"ERROR", v1::SEVERITY_ERROR},
                            {"Warning", v1::SEVERITY_WARNING},
                            {"notice", v1::SEVERITY_NOTICE},
                            {"INFO", v1::SEVERITY_INFORMATIONAL},
                            {"Informational", v1::SEVERITY_INFORMATIONAL},
                            {"debug", v1::SEVERITY_DEBUG}}));
  const auto rules = Load(
      "- {rule: a, desc: d, condition: evt.type = x, "
      "output: o, priority: " +
      row.text + "}\n");
  CHECK(rules->rules()[0].severity() == row.severity);
}

TEST_CASE("unknown keys and items only warn", "[rules]") {
  CHECK(WarningsOf(RuleText("a", "evt.type = x") +
                   "  colour: red\n"
                   "- list: l\n  items: []\n  x: 1\n"
                   "- macro: m\n  condition: evt.type = x\n  y: 1\n"
                   "- thing: 1\n") ==
        Texts{"rules.yaml:6:3: unknown key colour",
              "rules.yaml:9:3: unknown key x", "rules.yaml:12:3: unknown key y",
              "rules.yaml:13:3: unknown item: neither rule, macro nor list"});
  CHECK(
      WarningsOf("- required_engine_version: 13\n"
                 "- required_plugin_versions: []\n" +
                 RuleText("a", "evt.type = x") +
                 "  warn_evttypes: false\n  skip-if-unknown-filter: true\n") ==
      Texts{});
}

TEST_CASE("no rules are no error", "[rules]") {
  CHECK(RuleSet::Load({}).ok());
  CHECK(Load("")->rules().empty());
  CHECK(Load("---\n---\n# nothing\n")->rules().empty());
  CHECK(Fires("[]") == Texts{});
}

TEST_CASE("rules without types, or with excluded ones, see every event",
          "[rules]") {
  const auto rules = Load(RuleText("none", "proc.name = sh") +
                          RuleText("not", "not evt.type = execve") +
                          RuleText("never", "evt.num = 0") +
                          RuleText("either", "evt.type=open or proc.pid>0") +
                          RuleText("typed", "evt.type in (openat, open)"));
  CHECK(FiredBy(*rules, ShellExec()) == Texts{"none", "either"});
  CHECK(FiredBy(*rules, ShadowOpen()) ==
        Texts{"none", "not", "either", "typed"});
}

TEST_CASE("a folder stands for the rule files in it, by name", "[rules]") {
  namespace fs = std::filesystem;
  const fs::path folder =
      fs::temp_directory_path() / absl::StrCat("rules-", ::getpid());
  fs::create_directories(folder / "sub.yaml");
  for (const char* name : {"b.yaml", "a.yml", "c.txt"}) {
    std::ofstream(folder / name) << name;
  }
  fs::remove(folder / "sub.yaml");
  const auto sources = ReadRuleSources({folder.string()});
  const auto missing = ReadRuleSources({(folder / "none").string()});
  const auto file = ReadRuleSources({(folder / "c.txt").string()});
  fs::remove_all(folder);
  REQUIRE(sources.ok());
  REQUIRE(sources->size() == 2);
  CHECK((*sources)[0].name == (folder / "a.yml").string());
  CHECK((*sources)[0].text == "a.yml");
  CHECK((*sources)[1].text == "b.yaml");
  CHECK(missing.status().code() == absl::StatusCode::kNotFound);
  CHECK_THAT(std::string(missing.status().message()),
             Catch::Contains((folder / "none").string()));
  REQUIRE(file.ok());
  CHECK((*file)[0].text == "c.txt");
}

}  // namespace gatewatch::detection
