#include "iac/lint/baseline.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "nlohmann/json.hpp"

namespace gatewatch::iac {
namespace {

using nlohmann::ordered_json;

// FNV-1a: the same everywhere and always, which std::hash does not promise.
uint64_t Hash(absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

// A text member of an object; empty when there is none.
std::string Member(const ordered_json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : "";
}

}  // namespace

Baseline::Entry Baseline::EntryOf(const std::string& file,
                                  const Finding& finding) {
  return {finding.check->id, file, finding.subject.Name(), finding.message, 1};
}

std::string Baseline::KeyOf(const Entry& entry) {
  return absl::StrJoin({entry.file, entry.check, entry.subject, entry.message},
                       absl::string_view("\0", 1));
}

std::string FingerprintOf(const std::string& file, const Finding& finding) {
  return absl::StrFormat(
      "%016x", Hash(Baseline::KeyOf(Baseline::EntryOf(file, finding))));
}

void Baseline::Add(const std::string& file, const Finding& finding) {
  const Entry entry = EntryOf(file, finding);
  const auto [at, is_new] = entries_.try_emplace(KeyOf(entry), entry);
  if (!is_new) ++at->second.count;
}

bool Baseline::Take(const std::string& file, const Finding& finding) {
  const auto found = entries_.find(KeyOf(EntryOf(file, finding)));
  if (found == entries_.end() || found->second.count == 0) return false;
  --found->second.count;
  return true;
}

absl::StatusOr<Baseline> Baseline::Parse(const std::string& text) {
  const auto json = ordered_json::parse(text, nullptr, false);
  const auto findings = json.is_object() ? json.find("findings") : json.end();
  if (!json.is_object() || findings == json.end() || !findings->is_array()) {
    return absl::InvalidArgumentError(
        "this is no baseline: write one with --write-baseline");
  }
  Baseline baseline;
  for (const ordered_json& each : *findings) {
    if (!each.is_object()) {
      return absl::InvalidArgumentError(
          "a baseline with a finding that is no object");
    }
    Entry entry{Member(each, "check"), Member(each, "file"),
                Member(each, "subject"), Member(each, "message"), 1};
    const auto count = each.find("count");
    if (count != each.end() && count->is_number_integer()) {
      entry.count = count->get<int>();
    }
    baseline.entries_.insert_or_assign(KeyOf(entry), entry);
  }
  return baseline;
}

std::string Baseline::Text() const {
  std::string text = "{\"version\": 1, \"findings\": [";
  const char* separator = "\n";
  for (const auto& [key, entry] : entries_) {
    ordered_json line = {{"check", entry.check},
                         {"file", entry.file},
                         {"subject", entry.subject},
                         {"message", entry.message}};
    if (entry.count > 1) line["count"] = entry.count;
    absl::StrAppend(
        &text, separator,
        line.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
    separator = ",\n";
  }
  return absl::StrCat(text, "\n]}\n");
}

}  // namespace gatewatch::iac
