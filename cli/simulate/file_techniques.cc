#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "cli/simulate/child_process.h"
#include "cli/simulate/scratch_file.h"
#include "cli/simulate/steps.h"
#include "cli/simulate/techniques.h"

namespace gatewatch::cli {
namespace {

constexpr char kTokenFile[] =
    "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";

absl::Status OpenForReading(const SimulationContext& context,
                            const std::string& path) {
  context.out << "  opening " << path << ", reading nothing\n";
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) context.out << "  (this user may not; the try counts)\n";
  return absl::OkStatus();
}

// Whatever happens, the file's content stays as it is: an existing file is
// opened and closed, one that is not there is made empty and removed.
absl::Status OpenForWriting(const SimulationContext& context,
                            const std::string& path) {
  const UniqueFd existing(open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  if (existing.valid()) {
    context.out << "  opened " << path << ", wrote nothing\n";
    return absl::OkStatus();
  }
  const UniqueFd created(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!created.valid()) {
    context.out << "  (this user may not write " << path
                << "; the try counts)\n";
    return absl::OkStatus();
  }
  context.out << "  created " << path << " empty and removed it\n";
  if (unlink(path.c_str()) != 0) return ErrnoStatus(errno, path);
  return absl::OkStatus();
}

// Makes an empty file for the simulation alone.
absl::StatusOr<std::string> MakeFile(const SimulationContext& context,
                                     const std::string& folder,
                                     const std::string& name) {
  const std::string directory = absl::StrCat(context.directory, "/", folder);
  if (mkdir(directory.c_str(), 0700) != 0) return ErrnoStatus(errno, directory);
  std::string path = absl::StrCat(directory, "/", name);
  const UniqueFd file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) return ErrnoStatus(errno, path);
  context.out << "  making " << path << '\n';
  return path;
}

absl::Status SimulateEnvironmentRead(const SimulationContext& context) {
  ChildProcess victim([] { return pause(); });
  if (victim.pid() == 0) return absl::InternalError("cannot start a process");
  return OpenForReading(context,
                        absl::StrCat("/proc/", victim.pid(), "/environ"));
}

absl::Status SimulateHistoryDeletion(const SimulationContext& context) {
  GATEWATCH_ASSIGN_OR_RETURN(const std::string path,
                             MakeFile(context, "home", ".bash_history"));
  context.out << "  deleting it\n";
  if (unlink(path.c_str()) != 0) return ErrnoStatus(errno, path);
  return absl::OkStatus();
}

absl::Status SimulateTokenRead(const SimulationContext& context) {
  const ScratchFile token(kTokenFile);
  if (!token.exists()) {
    context.out << "  (this user may not make " << kTokenFile << ")\n";
    return absl::OkStatus();
  }
  context.out << "  as cat, opening " << kTokenFile << ", reading nothing\n";
  return RunStepAs(context, "cat", "open", kTokenFile);
}

absl::Status SimulateKeyRead(const SimulationContext& context) {
  GATEWATCH_ASSIGN_OR_RETURN(const std::string path,
                             MakeFile(context, ".ssh", "id_rsa"));
  context.out << "  as cat, opening it\n";
  return RunStepAs(context, "cat", "open", path);
}

absl::Status SimulateWebShell(const SimulationContext& context) {
  GATEWATCH_ASSIGN_OR_RETURN(const std::string page,
                             MakeFile(context, "htdocs", "index.html"));
  const std::string path =
      absl::StrCat(context.directory, "/htdocs/simulation.php");
  context.out << "  as nginx, writing " << path << '\n';
  return RunStepAs(context, "nginx", "download", path);
}

absl::Status SimulateSetUserId(const SimulationContext& context) {
  GATEWATCH_ASSIGN_OR_RETURN(const std::string path,
                             MakeFile(context, "home", "empty"));
  context.out << "  setting its set-user-ID bit\n";
  if (chmod(path.c_str(), 04700) != 0) return ErrnoStatus(errno, path);
  return absl::OkStatus();
}

absl::Status SimulateKey(const SimulationContext& context) {
  return MakeFile(context, ".ssh", "authorized_keys").status();
}

absl::Status SimulateReleaseAgent(const SimulationContext& context) {
  return MakeFile(context, "cgroup", "release_agent").status();
}

using Context = const SimulationContext&;

constexpr Simulation kSimulations[] = {
    {"shadow-read", "Shadow file read", "T1003.008", "/etc/shadow is opened",
     [](Context context) { return OpenForReading(context, "/etc/shadow"); }},
    {"environ-read", "Environment of another process read", "T1552.007",
     "/proc/PID/environ of another process is opened", SimulateEnvironmentRead},
    {"token-read", "Service account token read by a tool", "T1528",
     "cat opens the token of a service account", SimulateTokenRead},
    {"key-read", "Private key or credentials file read by a tool", "T1552.004",
     "cat opens a private key", SimulateKeyRead},
    {"preload-write", "Preload file written", "T1574.006",
     "/etc/ld.so.preload is opened for writing",
     [](Context context) {
       return OpenForWriting(context, "/etc/ld.so.preload");
     }},
    {"history-deletion", "History or log deleted", "T1070.003",
     "a shell history is deleted", SimulateHistoryDeletion},
    {"log-configuration", "Audit or log configuration changed", "T1562.001",
     "/etc/rsyslog.conf is opened for writing",
     [](Context context) {
       return OpenForWriting(context, "/etc/rsyslog.conf");
     }},
    {"account-file", "Account file changed by hand", "T1136.001",
     "/etc/passwd is opened for writing",
     [](Context context) { return OpenForWriting(context, "/etc/passwd"); }},
    {"authorization-file", "Authorization file changed", "T1548.003",
     "/etc/sudoers is opened for writing",
     [](Context context) { return OpenForWriting(context, "/etc/sudoers"); }},
    {"ssh-key", "SSH key installed", "T1098.004",
     "a file authorized_keys is made", SimulateKey},
    {"scheduled-job", "Scheduled job installed", "T1053.003",
     "/etc/crontab is opened for writing",
     [](Context context) { return OpenForWriting(context, "/etc/crontab"); }},
    {"start-up-file", "Start-up file changed", "T1546.004",
     "/etc/profile is opened for writing",
     [](Context context) { return OpenForWriting(context, "/etc/profile"); }},
    {"web-shell", "Web shell written", "T1505.003",
     "nginx writes a file .php below a web root", SimulateWebShell},
    {"set-user-id", "Set-user-ID bit set", "T1548.001",
     "an empty file gets the set-user-ID bit", SimulateSetUserId},
    {"release-agent", "Release agent of a control group opened for writing",
     "T1611", "a file release_agent is opened for writing",
     SimulateReleaseAgent},
    {"core-pattern", "Kernel's helper path opened for writing", "T1611",
     "/proc/sys/kernel/core_pattern is opened for writing",
     [](Context context) {
       return OpenForWriting(context, "/proc/sys/kernel/core_pattern");
     }},
};

}  // namespace

absl::Span<const Simulation> FileSimulations() { return kSimulations; }

}  // namespace gatewatch::cli
