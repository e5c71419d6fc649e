#include "bench/sigma_mix.h"

#include "absl/strings/str_cat.h"
#include "bench/rule_words.h"

namespace gatewatch::bench {
namespace {

// See RuleWords for what "$" means.
struct Template {
  int share;  // of the published rules
  const char* source;
  const char* selections;
  const char* condition;
};
constexpr char kProcess[] = "product: linux, category: process_creation";
constexpr char kFile[] = "product: linux, category: file_event";
constexpr char kDelete[] = "product: linux, category: file_delete";
constexpr char kNetwork[] = "product: linux, category: network_connection";
constexpr char kDns[] = "product: linux, category: dns_query";
constexpr char kAuditd[] = "product: linux, service: auditd";

constexpr Template kTemplates[] = {
    {14, kProcess,
     "selection: {Image|endswith: '/$N', CommandLine|contains: [' $W ', $W]}",
     "selection"},
    {10, kProcess,
     "selection_img: {Image|endswith: ['/$N', '/$N', '/$N']}, "
     "selection_cli: {CommandLine|contains|all: [$W, $W]}, "
     "filter_main_parent: {ParentImage|endswith: ['/$N', '/$N']}",
     "all of selection_* and not 1 of filter_main_*"},
    {8, kProcess, "selection: {CommandLine|contains: [$W, $W, $W, $W]}",
     "selection"},
    {6, kProcess,
     "selection: {ParentImage|endswith: ['/$N', '/$N'], "
     "Image|endswith: [/sh, /bash, /dash]}, "
     "filter: {CommandLine|startswith: $W}",
     "selection and not filter"},
    {3, kProcess, R"(selection: {CommandLine|re: '$W\s+(-[a-z]+\s+)*$P'})",
     "selection"},
    {3, kProcess,
     "selection_a: [{Image|endswith: '/$N'}, {CommandLine|contains: $W}], "
     "selection_b: {User: root}",
     "1 of selection_a and selection_b"},
    {5, kFile, "selection: {TargetFilename|startswith: [$P/, $P/, $P/]}",
     "selection"},
    {4, kFile,
     "selection: {TargetFilename|endswith: [.$W, '/$N']}, "
     "filter: {Image|endswith: ['/$N', '/$N']}",
     "selection and not filter"},
    {2, kDelete, "selection: {TargetFilename|contains: [$P, $W]}", "selection"},
    {3, kNetwork, "selection: {Initiated: 'true', DestinationIp: [$A, $A]}",
     "selection"},
    {2, kNetwork,
     "selection: {DestinationPort: [4444, 5555], Image|endswith: '/$N'}, "
     "filter: {DestinationIp|cidr: [127.0.0.0/8, 10.0.0.0/8]}",
     "selection and not filter"},
    {2, kNetwork, "selection: {DestinationHostname|endswith: [$D, $D]}",
     "selection"},
    {2, kDns, "selection: {QueryName|endswith: [.$D, .$D]}", "selection"},
    {6, kAuditd, "selection: {type: EXECVE, a0|endswith: $N, a1|contains: $W}",
     "selection"},
    {4, kAuditd, "selection: {type: PATH, name: [$P, $P]}", "selection"},
    {3, kAuditd,
     "selection: {type: SYSCALL, SYSCALL: [connect, ptrace], comm: [$N, $N]}",
     "selection"},
    {1, kAuditd, "selection: {a0: $N, a1: $W}", "selection"},
};

}  // namespace

std::string SigmaMix(size_t count) {
  std::string file;
  RuleWords words;
  for (size_t i = 0; i < count; ++i) {
    const Template& chosen = words.Chosen(kTemplates);
    absl::StrAppend(&file, "---\ntitle: Rule ", i, "\nlogsource: {",
                    chosen.source, "}\ndetection: {",
                    words.Fill(chosen.selections),
                    ", condition: ", chosen.condition, "}\n");
  }
  return file;
}

}  // namespace gatewatch::bench
