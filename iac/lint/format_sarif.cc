#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "iac/lint/formats.h"
#include "nlohmann/json.hpp"

namespace gatewatch::iac {
namespace {

using nlohmann::ordered_json;

struct Level {
  const char* sarif;
  const char* score;  // as GitHub sorts by
};

// By severity, from unknown to error.
constexpr std::array<Level, 6> kLevels = {{{"none", "0.0"},
                                           {"note", "3.0"},
                                           {"warning", "5.5"},
                                           {"error", "8.0"},
                                           {"error", "9.5"},
                                           {"error", "8.0"}}};

const Level& LevelOf(Severity severity) {
  return kLevels[static_cast<size_t>(severity)];
}

// A path as a URI reference (RFC 3986), relative as it is.
std::string Uri(const std::string& path) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        absl::ascii_isalnum(byte) ||
        absl::string_view("/-._~").find(c) != absl::string_view::npos;
    if (plain) {
      uri += c;
    } else {
      absl::StrAppend(&uri, "%", std::string(1, kHex[byte >> 4]),
                      std::string(1, kHex[byte & 15]));
    }
  }
  return uri;
}

ordered_json RuleOf(const Check& check) {
  return {{"id", check.id},
          {"name", check.name},
          {"shortDescription", {{"text", check.name}}},
          {"fullDescription", {{"text", check.reason}}},
          {"help",
           {{"text", absl::StrCat(check.fix, "\nElsewhere: ", check.peers)}}},
          {"defaultConfiguration", {{"level", LevelOf(check.severity).sarif}}},
          {"properties",
           {{"security-severity", LevelOf(check.severity).score},
            {"tags", ordered_json::array({"security"})}}}};
}

ordered_json LocationOf(const Outcome& outcome) {
  const Finding& finding = outcome.finding;
  const ordered_json region = {{"startLine", finding.place.line},
                               {"startColumn", finding.place.column}};
  const ordered_json physical = {
      {"artifactLocation", {{"uri", Uri(outcome.file)}}}, {"region", region}};
  ordered_json location = {{"physicalLocation", physical}};
  if (!finding.subject.object.empty()) {
    location["logicalLocations"] = ordered_json::array(
        {ordered_json{{"fullyQualifiedName", finding.subject.Name()}}});
  }
  return location;
}

ordered_json ResultOf(const Outcome& outcome) {
  const Finding& finding = outcome.finding;
  const bool unknown = finding.severity == Severity::kUnknown;
  const std::string about =
      finding.subject.object.empty() ? "" : finding.subject.Name() + ": ";
  ordered_json result = {
      {"ruleId", finding.check->id},
      {"ruleIndex", finding.check - AllChecks().data()},
      // "open": there was not enough to decide by.
      {"kind", unknown ? "open" : "fail"},
      {"level", LevelOf(finding.severity).sarif},
      {"message", {{"text", absl::StrCat(about, finding.message)}}},
      {"locations", ordered_json::array({LocationOf(outcome)})},
      {"partialFingerprints",
       {{"gatewatch/v1", FingerprintOf(outcome.file, finding)}}}};
  if (outcome.state == Outcome::State::kSuppressed) {
    result["suppressions"] = ordered_json::array({ordered_json{
        {"kind", "inSource"}, {"justification", outcome.reason}}});
  } else if (outcome.state == Outcome::State::kInBaseline) {
    result["suppressions"] = ordered_json::array({ordered_json{
        {"kind", "external"}, {"justification", "in the baseline"}}});
  }
  return result;
}

ordered_json Invocation(const LintResult& result) {
  ordered_json notes = ordered_json::array();
  for (const UnreadableFile& file : result.unreadable) {
    notes.push_back({{"level", "error"}, {"message", {{"text", file.error}}}});
  }
  return {{"executionSuccessful", result.unreadable.empty()},
          {"toolExecutionNotifications", notes}};
}

}  // namespace

void WriteSarif(const LintResult& result, std::ostream& out) {
  ordered_json rules = ordered_json::array();
  for (const Check& check : AllChecks()) rules.push_back(RuleOf(check));
  ordered_json results = ordered_json::array();
  for (const Outcome& outcome : result.outcomes) {
    results.push_back(ResultOf(outcome));
  }
  const ordered_json driver = {{"name", "gatewatch lint"}, {"rules", rules}};
  const ordered_json run = {
      {"tool", {{"driver", driver}}},
      {"columnKind", "utf16CodeUnits"},
      {"invocations", ordered_json::array({Invocation(result)})},
      {"results", results}};
  const ordered_json log = {
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
      {"version", "2.1.0"},
      {"runs", ordered_json::array({run})}};
  out << log.dump(1, ' ', false, ordered_json::error_handler_t::replace)
      << '\n';
}

}  // namespace gatewatch::iac
