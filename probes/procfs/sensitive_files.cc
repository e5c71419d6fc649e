#include "probes/procfs/sensitive_files.h"

namespace gatewatch::probes {
namespace {

constexpr SensitiveFile kFiles[] = {
    {"/etc", "passwd"},
    {"/etc", "shadow"},
    {"/etc", "group"},
    {"/etc", "gshadow"},
    {"/etc", "sudoers"},
    {"/etc/sudoers.d", ""},
    {"/etc/pam.d", ""},
    {"/etc", "ld.so.preload"},
    {"/etc", "ld.so.conf"},
    {"/etc/ld.so.conf.d", ""},
    {"/etc", "crontab"},
    {"/etc/cron.d", ""},
    {"/etc/cron.hourly", ""},
    {"/etc/cron.daily", ""},
    {"/etc/cron.weekly", ""},
    {"/etc/cron.monthly", ""},
    {"/var/spool/cron", ""},
    {"/var/spool/cron/crontabs", ""},
    {"/etc", "profile"},
    {"/etc/profile.d", ""},
    {"/etc", "bash.bashrc"},
    {"/etc", "environment"},
    {"/etc", "rc.local"},
    {"/etc/init.d", ""},
    {"/etc/systemd/system", ""},
    {"/etc/ssh", "sshd_config"},
    {"/root/.ssh", "authorized_keys"},
    {"/root", ".bashrc"},
    {"/root", ".profile"},
    {"/root", ".bash_profile"},
};

}  // namespace

absl::Span<const SensitiveFile> SensitiveFiles() { return kFiles; }

}  // namespace gatewatch::probes
