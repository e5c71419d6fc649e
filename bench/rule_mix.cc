#include "bench/rule_mix.h"

#include "absl/strings/str_cat.h"
#include "bench/rule_words.h"

namespace gatewatch::bench {
namespace {

constexpr char kShared[] = R"(
- list: shells
  items: [sh, bash, dash, ash, zsh, ksh, csh, tcsh]
- list: packagers
  items: [apt, apt-get, dpkg, yum, dnf, rpm, apk, pip, npm, gem]
- list: trusted_repositories
  items: [docker.io/library/nginx, public.ecr.aws/x/y, quay.io/a/b]
- macro: container
  condition: (container.id != host)
- macro: never
  condition: (evt.num = 0)
- macro: spawned
  condition: (evt.type in (execve, execveat) and evt.dir = <)
- macro: file
  condition: (fd.typechar = 'f')
- macro: opened_to_read
  condition: >
    (evt.type in (open, openat, openat2) and evt.is_open_read = true and
     file and fd.num >= 0)
- macro: opened_to_write
  condition: >
    (evt.type in (open, openat, openat2) and evt.is_open_write = true and
     file and fd.num >= 0)
- macro: outbound
  condition: >
    (((evt.type = connect) or
      (evt.type in (sendto, sendmsg) and fd.l4proto = udp)) and
     fd.typechar in (4, 6) and (evt.rawres >= 0 or evt.res = EINPROGRESS))
- macro: inbound
  condition: >
    (evt.type in (accept, accept4, listen) and fd.typechar in (4, 6))
- macro: shell_or_packager
  condition: (proc.name in (shells) or proc.name in (packagers))
- macro: trusted
  condition: (container.image.repository in (trusted_repositories))
)";

struct Template {
  int share;  // of the published rules
  const char* condition;
};
constexpr Template kTemplates[] = {
    {8,
     "spawned and container and proc.name in ($N, $N, $N) and not trusted"
     " and not never"},
    {7,
     "spawned and ((proc.name = $N and proc.args contains \"$W\") or"
     " (proc.name = $N and (proc.args endswith \"$W\" or"
     " proc.args startswith \"$W\"))) and not proc.pname in ($N, $N)"},
    {6,
     "spawned and container and proc.pname in ($N, $N) and"
     " shell_or_packager and not proc.cmdline startswith \"$W\""
     " and not never"},
    {6,
     "spawned and (proc.cmdline contains \"$W\" or"
     " proc.cmdline contains \"$W\" or proc.cmdline icontains \"$W\")"},
    {4,
     "spawned and proc.exepath startswith $P and"
     " not proc.aname in ($N, $N)"},
    {4,
     "spawned and container and proc.aname[2] in ($N, $N) and"
     " proc.tty != 0 and proc.name in ($N, $N)"},
    {3, "spawned and proc.cmdline regex '.*$W (-[a-z]+ )*$P.*'"},
    {9,
     "opened_to_read and (fd.name in ($P, $P, $P) or fd.name startswith $P)"
     " and not proc.name in ($N, $N, $N) and not trusted"},
    {7,
     "opened_to_write and container and (fd.name startswith $P or"
     " fd.directory in ($P, $P)) and not shell_or_packager and not never"},
    {4, "opened_to_write and fd.filename in ($N, $N) and not proc.pname = $N"},
    {3, "opened_to_read and fd.name glob '$P/*' and proc.name = $N"},
    {3,
     "opened_to_write and (fd.name endswith \".$W\" or"
     " fd.name pmatch ($P, $P))"},
    {6, "outbound and fd.sip in ($A, $A) and not proc.name in ($N)"},
    {4,
     "outbound and container and proc.name in ($N, $N) and"
     " not fd.snet in (10.0.0.0/8, 127.0.0.0/8)"},
    {3, "outbound and fd.sip.name in ($D, $D, $D)"},
    {3, "inbound and proc.name in ($N, $N) and fd.sport in (4444, 5555)"},
    {5,
     "evt.type in (unlink, unlinkat, rename, renameat, renameat2, rmdir) and"
     " (fd.name startswith $P or evt.arg.path endswith \"$W\") and"
     " not trusted"},
    {4,
     "evt.type in (chmod, fchmod, fchmodat) and evt.arg.mode contains"
     " \"S_ISUID\" and not proc.name in ($N, $N) and not proc.cmdline"
     " contains \"$W\""},
    {2,
     "evt.type in (symlink, symlinkat, link, linkat) and"
     " (evt.arg.target in ($P, $P) or fd.name startswith $P)"},
    {2,
     "evt.type = ptrace and evt.arg.request contains ATTACH and"
     " not proc.name in ($N, $N)"},
    {2,
     "evt.type in (dup, dup2, dup3) and container and fd.num in (0, 1, 2)"
     " and fd.typechar in (4, 6) and proc.pname = $N"},
    {2,
     "evt.type in (setuid, setresuid) and evt.arg.uid = 0 and"
     " not proc.name in ($N, $N)"},
    {1,
     "evt.type in (init_module, finit_module) and container and"
     " not proc.name = $N"},
};

}  // namespace

std::string RuleMix(size_t count) {
  std::string file = kShared;
  RuleWords words;
  for (size_t i = 0; i < count; ++i) {
    absl::StrAppend(&file, "- rule: Rule ", i, "\n  desc: d\n  condition: >\n",
                    "    ", words.Fill(words.Chosen(kTemplates).condition),
                    "\n  output: \"%proc.name %fd.name\"\n",
                    "  priority: NOTICE\n");
  }
  return file;
}

}  // namespace gatewatch::bench
