#include "detection/rule_support.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/syscall_kind.h"

namespace gatewatch::detection {
namespace {

struct FieldLimit {
  absl::string_view field;  // and, with a dot at its end, all that begin so
  absl::string_view limit;
  // Only in events of this kind; empty: in all; kNotExec: in all but execs.
  absl::string_view kind;
};

constexpr absl::string_view kPresumed = "is presumed on launch, attach";
constexpr absl::string_view kNotExec = "not exec";
constexpr absl::string_view kByDns = "needs the DNS answer to be seen (packet)";

constexpr FieldLimit kFieldLimits[] = {
    {"evt.res", kPresumed, kNotExec},
    {"evt.arg.res", kPresumed, kNotExec},
    {"evt.rawres", kPresumed, kNotExec},
    {"evt.rawarg.res", kPresumed, kNotExec},
    {"fd.num", kPresumed, "open"},
    {"audit.success", kPresumed, kNotExec},
    {"evt.failed", "is absent on launch, attach", ""},
    {"fd.sip.name", kByDns, ""},
    {"fd.cip.name", kByDns, ""},
    {"fd.lip.name", kByDns, ""},
    {"fd.rip.name", kByDns, ""},
    {"proc.env", "holds selected variables on every rung", ""},
    {"container.privileged", "is known on Fargate only", ""},
    {"container.mount", "is <NA> on every rung", ""},
    {"container.mount.", "is <NA> on every rung", ""},
    {"user.loginname", "is known for the acting user and root only", ""},
    {"group.name", "is known for group 0 only", ""},
};

// Calls that some rungs do not see, of kinds that they see.
struct CallLimit {
  absl::string_view call;
  absl::string_view rungs;
};
constexpr CallLimit kCallLimits[] = {{"sendmsg", "only ebpf"},
                                     {"sendmmsg", "only ebpf"},
                                     {"clone3", "only ebpf"},
                                     {"dup", "no rung"}};

// Types that are no calls: Falco's pseudo events that others stand in for, and
// events that others record.
constexpr absl::string_view kNoCalls[] = {"procexit", "container", "json"};

const FieldLimit* FindLimit(absl::string_view field) {
  for (const FieldLimit& each : kFieldLimits) {
    const bool all = absl::EndsWith(each.field, ".");
    if (all ? absl::StartsWith(field, each.field) : field == each.field) {
      return &each;
    }
  }
  return nullptr;
}

bool CanBeOfKind(const EventTypes& types, absl::string_view kind) {
  return kind.empty() || types.all_but ||
         std::any_of(types.names.begin(), types.names.end(),
                     [kind](const std::string& type) {
                       const absl::string_view own = KindOfSyscall(type);
                       return kind == kNotExec ? own != "exec" : own == kind;
                     });
}

void AddFieldLimit(const std::string& name, absl::string_view verb,
                   const EventTypes& types, std::vector<std::string>& limits) {
  const auto field = Field::Find(name);
  if (!field.ok()) return;
  const FieldRow& row = field->row();
  const FieldLimit* known = FindLimit(row.name);
  if (known != nullptr && !CanBeOfKind(types, known->kind)) return;
  const std::string limit = LimitOfField(row);
  if (!limit.empty()) limits.push_back(absl::StrCat(verb, name, " ", limit));
}

void AddCallLimits(const EventTypes& types, std::vector<std::string>& limits) {
  if (types.all_but) return;
  std::vector<std::string> unseen;
  for (const std::string& type : types.names) {
    const bool pseudo = std::find(std::begin(kNoCalls), std::end(kNoCalls),
                                  type) != std::end(kNoCalls);
    if (KindOfSyscall(type) == "unknown" && !pseudo) unseen.push_back(type);
  }
  if (!unseen.empty()) {
    limits.push_back(
        absl::StrCat("no rung sees ", absl::StrJoin(unseen, ", ")));
  }
  for (const CallLimit& limit : kCallLimits) {
    if (types.names.contains(std::string(limit.call))) {
      limits.push_back(absl::StrCat(limit.rungs, " sees ", limit.call));
    }
  }
}

}  // namespace

std::string LimitOfField(const FieldRow& row) {
  if (row.extract == nullptr) {
    return absl::StrCat("is absent on every rung: ", row.description);
  }
  const FieldLimit* limit = FindLimit(row.name);
  return limit == nullptr ? "" : std::string(limit->limit);
}

std::string LimitsOf(const RuleNeeds& needs) {
  std::vector<std::string> limits;
  for (const std::string& field : needs.tested) {
    AddFieldLimit(field, "", needs.types, limits);
  }
  for (const std::string& field : needs.printed) {
    if (needs.tested.contains(field)) continue;
    AddFieldLimit(field, "printed ", needs.types, limits);
  }
  AddCallLimits(needs.named, limits);
  return absl::StrJoin(limits, "; ");
}

}  // namespace gatewatch::detection
