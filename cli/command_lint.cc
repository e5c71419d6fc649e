#include "cli/command_lint.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "base/escape.h"
#include "base/files.h"
#include "cli/exit_code.h"
#include "iac/lint/formats.h"
#include "iac/lint/lint.h"

namespace gatewatch::cli {
namespace {

constexpr size_t kBaselineLimit = 64 << 20;
constexpr size_t kProgressStep = 50;

constexpr char kFooter[] =
    "Examples:\n"
    "  gatewatch lint task-definition.json infrastructure/\n"
    "  terraform show -json plan.out | gatewatch lint -\n"
    "  gatewatch lint --format sarif deploy/ > gatewatch.sarif\n"
    "  gatewatch lint --write-baseline known.json deploy/\n"
    "  gatewatch lint --baseline known.json --fail-on high deploy/\n"
    "Reads ECS task definitions, CloudFormation, Terraform plans and "
    "Kubernetes manifests.\nA YAML comment \"# gatewatch:ignore GWL002 "
    "REASON\" suppresses; docs/lint.md tells of\nthe other forms. Exits with "
    "1 for findings, with 2 when a file cannot be read.";

struct Arguments {
  std::vector<std::string> paths;
  std::string format = "text";
  std::string fail_on = "low";
  std::string baseline;
  std::string write_baseline;
  std::vector<std::string> only;
  std::vector<std::string> skip;
  std::vector<std::string> registries;
};

std::vector<std::string> FormatNames() {
  std::vector<std::string> names;
  for (const iac::Format& format : iac::AllFormats()) {
    names.emplace_back(format.name);
  }
  return names;
}

// "never", and after it the names of severities by their numbers.
std::vector<std::string> FailOnNames() {
  std::vector<std::string> names = {"never"};
  for (int i = 0;
       const char* name = iac::SeverityName(static_cast<iac::Severity>(i));
       ++i) {
    names.emplace_back(name);
  }
  return names;
}

absl::Status FindChecks(const std::vector<std::string>& names,
                        std::vector<const iac::Check*>& checks) {
  for (const std::string& name : names) {
    const iac::Check* check = iac::FindCheck(name);
    if (check == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("there is no check ", name, "; docs/lint.md lists all"));
    }
    checks.push_back(check);
  }
  return absl::OkStatus();
}

absl::StatusOr<iac::LintOptions> OptionsOf(const Arguments& arguments) {
  iac::LintOptions options;
  options.checks.trusted_registries = arguments.registries;
  absl::Status status = FindChecks(arguments.only, options.only);
  status.Update(FindChecks(arguments.skip, options.skip));
  if (!status.ok()) return status;
  if (arguments.baseline.empty()) return options;
  const auto text = ReadFile(arguments.baseline, kBaselineLimit);
  if (!text.ok()) return text.status();
  auto baseline = iac::Baseline::Parse(*text);
  if (!baseline.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(arguments.baseline, ": ", baseline.status().message()));
  }
  options.baseline = *std::move(baseline);
  return options;
}

// Of all that is open, or is so but for the baseline in use.
absl::Status WriteBaseline(const iac::LintResult& result,
                           const std::string& path) {
  iac::Baseline baseline;
  for (const iac::Outcome& outcome : result.outcomes) {
    if (outcome.state == iac::Outcome::State::kSuppressed) continue;
    baseline.Add(outcome.file, outcome.finding);
  }
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << baseline.Text();
  file.close();
  if (!file) {
    return absl::InvalidArgumentError(absl::StrCat("cannot write ", path));
  }
  return absl::OkStatus();
}

iac::LintResult LintWithProgress(const std::vector<std::string>& paths,
                                 const iac::LintOptions& options,
                                 const Invocation& invocation) {
  const bool watched = isatty(STDERR_FILENO) == 1;
  iac::LintResult result =
      iac::Lint(paths, options, [&](size_t done, size_t all) {
        if (!watched || done % kProgressStep != 0) return;
        invocation.err << "\r" << done << " of " << all << " files"
                       << std::flush;
      });
  if (watched) invocation.err << "\r\033[K" << std::flush;
  return result;
}

int ExitOf(const iac::LintResult& result, const Arguments& arguments,
           const Invocation& invocation) {
  if (!result.unreadable.empty()) return kExitUsage;
  if (result.linted == 0) {
    invocation.err << "gatewatch: nothing to lint: no task definition, "
                      "CloudFormation template,\nTerraform plan (terraform "
                      "show -json) or Kubernetes manifest is there\n";
    return kExitUsage;
  }
  if (!arguments.write_baseline.empty()) return kExitOk;
  const std::vector<std::string> names = FailOnNames();
  const auto index =
      std::find(names.begin(), names.end(), arguments.fail_on) - names.begin();
  if (index == 0) return kExitOk;
  const bool fails = result.Fails(static_cast<iac::Severity>(index - 1));
  return fails ? kExitNoMatch : kExitOk;
}

int Lint(const Arguments& arguments, const Invocation& invocation) {
  const auto options = OptionsOf(arguments);
  if (!options.ok()) {
    invocation.err << "gatewatch: "
                   << EscapeForTerminal(options.status().message()) << '\n';
    return kExitUsage;
  }
  const iac::LintResult result =
      LintWithProgress(arguments.paths, *options, invocation);
  for (const iac::Format& format : iac::AllFormats()) {
    if (arguments.format == format.name) format.write(result, invocation.out);
  }
  // Where the findings are for machines, people still want to know.
  if (arguments.format != "text") {
    for (const iac::UnreadableFile& file : result.unreadable) {
      invocation.err << "unreadable: " << EscapeForTerminal(file.error) << '\n';
    }
  }
  if (!arguments.write_baseline.empty()) {
    const auto status = WriteBaseline(result, arguments.write_baseline);
    if (!status.ok()) return Fail(invocation, status);
  }
  return ExitOf(result, arguments, invocation);
}

void AddOptions(CLI::App& command, Arguments& arguments) {
  command.add_option("PATH", arguments.paths, "files, folders, or - for stdin")
      ->required();
  command.add_option("--format,-o", arguments.format, "how to show findings")
      ->check(CLI::IsMember(FormatNames()))
      ->capture_default_str();
  command
      .add_option("--fail-on", arguments.fail_on,
                  "exit with 1 for findings at least this severe")
      ->check(CLI::IsMember(FailOnNames()))
      ->capture_default_str();
  command.add_option("--baseline", arguments.baseline,
                     "findings in this file do not count");
  command.add_option("--write-baseline", arguments.write_baseline,
                     "write what is found into this file, and exit with 0");
  command.add_option("--only", arguments.only, "run this check; repeatable")
      ->type_name("ID")
      ->allow_extra_args(false);
  command.add_option("--skip", arguments.skip, "leave it out; repeatable")
      ->type_name("ID")
      ->allow_extra_args(false);
  command
      .add_option("--trusted-registry", arguments.registries,
                  "images may come from here; repeatable")
      ->type_name("PREFIX")
      ->allow_extra_args(false);
}

}  // namespace

void AddLintCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "lint", "Find what is insecure or invalid in deployment files");
  command->footer(kFooter);
  const auto arguments = std::make_shared<Arguments>();
  AddOptions(*command, *arguments);
  command->callback([arguments, &invocation] {
    invocation.action = [arguments, &invocation] {
      return Lint(*arguments, invocation);
    };
  });
}

}  // namespace gatewatch::cli
