#include "cli/command_inject.h"

#include <sys/stat.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/escape.h"
#include "base/files.h"
#include "base/status.h"
#include "cli/exit_code.h"
#include "cli/invocation.h"
#include "iac/edit/unified_diff.h"
#include "iac/inject/inject.h"
#include "iac/utf16.h"

namespace gatewatch::cli {
namespace {

using iac::InjectOptions;
using Mode = InjectOptions::Mode;
using WaitFor = InjectOptions::WaitFor;

constexpr size_t kFileLimit = (16 << 20) + 1;  // one more than iac reads

struct Options {
  std::vector<std::string> paths;
  InjectOptions inject;
  std::string analyzer;
  std::vector<std::string> environment;
  std::vector<std::string> secrets;
  std::vector<std::string> image_configs;
  std::vector<std::string> layouts;
  bool in_place = false;
  bool remove = false;
  bool check = false;
  bool diff = false;
};

// NAME=VALUE
absl::StatusOr<InjectOptions::Pair> Pair(const std::string& flag,
                                         const std::string& text) {
  const InjectOptions::Pair pair =
      absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (!pair.first.empty() && !pair.second.empty()) return pair;
  return absl::InvalidArgumentError(
      absl::StrCat(flag, " is NAME=VALUE, not \"", text, "\""));
}

absl::Status ReadImages(const Options& options, iac::ImageConfigs& images) {
  for (const std::string& path : options.image_configs) {
    GATEWATCH_RETURN_IF_ERROR(images.AddFile(path));
  }
  for (const std::string& text : options.layouts) {
    const size_t equals = text.find('=');
    const bool named = equals != std::string::npos;
    GATEWATCH_RETURN_IF_ERROR(
        images.AddLayout(named ? text.substr(0, equals) : "",
                         named ? text.substr(equals + 1) : text));
  }
  return absl::OkStatus();
}

absl::Status Complete(Options& options) {
  const int outputs = options.in_place + options.check + options.diff;
  if (outputs > 1) {
    return absl::InvalidArgumentError(
        "give one of --in-place, --check and --diff");
  }
  if (outputs == 0 && options.paths.size() > 1) {
    return absl::InvalidArgumentError(
        "several files need --in-place, --check or --diff");
  }
  if (options.remove) return absl::OkStatus();
  InjectOptions& inject = options.inject;
  if (inject.image.empty() || options.analyzer.empty()) {
    return absl::InvalidArgumentError(
        "what the agent is and where it reports is missing: give --image "
        "NAME@sha256:DIGEST and --report-to HOST:PORT");
  }
  inject.environment.push_back({"GATEWATCH_ANALYZER", options.analyzer});
  for (const std::string& text : options.environment) {
    GATEWATCH_ASSIGN_OR_RETURN(auto pair, Pair("--env", text));
    inject.environment.push_back(std::move(pair));
  }
  for (const std::string& text : options.secrets) {
    GATEWATCH_ASSIGN_OR_RETURN(auto pair, Pair("--secret", text));
    inject.secrets.push_back(std::move(pair));
  }
  return ReadImages(options, inject.images);
}

absl::Status WriteInPlace(const std::string& path, const std::string& bytes) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) return ErrnoStatus(errno, path);
  return ReplaceFile(path, bytes, status.st_mode & 0777);
}

void Print(const char* kind, const std::vector<std::string>& lines,
           std::ostream& err) {
  for (const std::string& line : lines) {
    err << kind << EscapeForTerminal(line) << '\n';
  }
}

absl::StatusOr<int> Process(const Options& options, const std::string& path,
                            const Invocation& invocation) {
  auto bytes = ReadFile(path, kFileLimit);
  if (!bytes.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", bytes.status().message()));
  }
  GATEWATCH_ASSIGN_OR_RETURN(const iac::Injection injection,
                             options.remove
                                 ? iac::Remove(path, *bytes)
                                 : iac::Inject(path, *bytes, options.inject));
  const iac::Findings& findings = injection.findings;
  Print("", findings.edits, invocation.err);
  Print("", findings.notes, invocation.err);
  Print("warning: ", findings.warnings, invocation.err);
  Print("error: ", findings.errors, invocation.err);
  if (!findings.errors.empty()) return kExitUsage;

  const bool changed = injection.before != injection.after;
  if (options.check) return changed ? kExitNoMatch : kExitOk;
  if (options.diff) {
    invocation.out << iac::UnifiedDiff(path, injection.before, injection.after);
    return kExitOk;
  }
  const std::string encoded = iac::Encode(injection.after, injection.encoding);
  if (!options.in_place) {
    invocation.out << encoded;
  } else if (changed) {
    GATEWATCH_RETURN_IF_ERROR(WriteInPlace(path, encoded));
  }
  return kExitOk;
}

int Run(Options& options, const Invocation& invocation) {
  if (const absl::Status status = Complete(options); !status.ok()) {
    Fail(invocation, status);
    return kExitUsage;
  }
  int result = kExitOk;
  for (const std::string& path : options.paths) {
    const auto exit_code = Process(options, path, invocation);
    if (!exit_code.ok()) Fail(invocation, exit_code.status());
    result = std::max(result, exit_code.ok() ? *exit_code : kExitUsage);
  }
  return result;
}

void DeclareAgent(CLI::App& command, Options& options) {
  InjectOptions& inject = options.inject;
  command
      .add_option("--image", inject.image,
                  "the agent's image, pinned: NAME@sha256:DIGEST")
      ->envname("GATEWATCH_AGENT_IMAGE");
  command.add_option("--report-to", options.analyzer,
                     "the analyzer's address as the agent sees it: HOST:PORT");
  command.add_option("--env", options.environment,
                     "NAME=VALUE for the agent; may be given more than once");
  command.add_option("--secret", options.secrets,
                     "a secret for the agent: NAME=ARN on ECS, "
                     "NAME=SECRET/KEY on Kubernetes");
  command.add_option("--log-group", inject.log_group,
                     "ECS: log to this group of CloudWatch (default: as the "
                     "first application container logs)");
  command.add_option("--log-region", inject.log_region,
                     "the log group's region (default: the template's own)");
  command
      .add_option("--wait-for", inject.wait_for,
                  "ECS: what the applications wait for: start (of the agent), "
                  "healthy, nothing")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, WaitFor>{{"start", WaitFor::kStart},
                                         {"healthy", WaitFor::kHealthy},
                                         {"nothing", WaitFor::kNothing}}))
      ->option_text("WHAT [start]");
  command.add_flag("--on-nodes", inject.on_nodes,
                   "Kubernetes: the pods run on nodes, not on Fargate, so that "
                   "the agent may have SYS_PTRACE");
}

void DeclareLaunch(CLI::App& command, Options& options) {
  command
      .add_option("--mode", options.inject.mode,
                  "sidecar: attach to what runs; launch: start the commands "
                  "through the launcher as well")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Mode>{
          {"sidecar", Mode::kSidecar}, {"launch", Mode::kLaunch}}))
      ->option_text("MODE [sidecar]");
  command.add_option("--image-config", options.image_configs,
                     "launch: a JSON file that tells what images run, or what "
                     "`docker inspect IMAGE…` prints");
  command.add_option("--oci-layout", options.layouts,
                     "launch: a folder in the OCI image layout, [IMAGE=]DIR");
}

void DeclareWhat(CLI::App& command, Options& options) {
  command.add_option("paths", options.paths, "the files")
      ->required()
      ->option_text("PATH…");
  command.add_option("--include", options.inject.include,
                     "only containers of this name; more than once for more");
  command.add_option("--exclude", options.inject.exclude,
                     "no containers of this name");
  command.add_flag("--opt-in", options.inject.opt_in,
                   "only tasks tagged, and pods annotated, gatewatch.inject: "
                   "true");
  command.add_flag("--in-place", options.in_place,
                   "change the files instead of printing the result");
  command.add_flag("--diff", options.diff, "print what would change");
  command.add_flag("--check", options.check,
                   "exit with 1 when a file would change");
  command.add_flag("--remove", options.remove,
                   "take out what inject put in, restoring the file");
  command.add_flag("--strict", options.inject.strict,
                   "take warnings for errors");
}

}  // namespace

void AddInjectCommand(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "inject",
      "Put the agent into ECS task definitions, CloudFormation, Terraform's "
      "container definitions and Kubernetes manifests");
  DeclareWhat(*command, *options);
  DeclareAgent(*command, *options);
  DeclareLaunch(*command, *options);
  command->footer(
      "Examples:\n"
      "  gatewatch inject task.json --image $IMAGE@sha256:$DIGEST "
      "--report-to analyzer.internal:7443 --diff\n"
      "  gatewatch inject template.yaml --image … --report-to … --in-place\n"
      "  gatewatch inject template.yaml --remove --in-place\n"
      "Each change is told on standard error; all else in the file stays as "
      "it is, byte by\nbyte. Leave a task alone with the tag, a container with "
      "the docker label, a pod with\nthe annotation gatewatch.inject: false. "
      "Exits with 1 when --check finds a\ndifference, 2 when a file is of no "
      "known kind or the result would be refused.");
  command->callback([&invocation, options] {
    invocation.action = [&invocation, options] {
      return Run(*options, invocation);
    };
  });
}

}  // namespace gatewatch::cli
