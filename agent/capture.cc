#include "agent/capture.h"

#include <sys/stat.h>

#include <utility>

#include "agent/launch_command.h"
#include "base/status.h"

namespace gatewatch::agent {
namespace {

uint64_t OwnMountNamespace() {
  struct stat own = {};
  return ::stat("/proc/self/ns/mnt", &own) == 0 ? own.st_ino : 0;
}

absl::StatusOr<Attacher::Options> AttacherOptions(
    const Capture::Options& options) {
  Attacher::Options result;
  GATEWATCH_ASSIGN_OR_RETURN(result.launcher, LauncherPath());
  result.launch_socket = options.launch_socket;
  if (options.attach) result.roots.own_mount_namespace = OwnMountNamespace();
  result.roots.pids = options.attach_pids;
  result.roots.ignored = DefaultIgnoredPrograms();
  result.roots.ignored.insert(result.roots.ignored.end(),
                              options.attach_ignored.begin(),
                              options.attach_ignored.end());
  return result;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Capture>> Capture::Start(
    const Options& options, probes::ObservationQueue& queue) {
  std::unique_ptr<Capture> capture(new Capture());
  capture->kinds_ = probes::ChooseRungs(probes::ProbeHost());
  GATEWATCH_ASSIGN_OR_RETURN(const std::string launcher, LauncherPath());
  GATEWATCH_ASSIGN_OR_RETURN(
      capture->launches_,
      LaunchServer::Start(options.launch_socket, queue, launcher));
  if (options.attach || !options.attach_pids.empty()) {
    GATEWATCH_ASSIGN_OR_RETURN(Attacher::Options attach,
                               AttacherOptions(options));
    capture->attacher_ = std::make_unique<Attacher>(std::move(attach));
  }
  return capture;
}

Capture::~Capture() { Stop(); }

void Capture::Tick() { launches_->Tick(); }

void Capture::Stop() {
  attacher_.reset();
  launches_->Stop();
}

Capture::Coverage Capture::coverage() const {
  return {kinds_,
          attacher_ ? attacher_->roots() : std::vector<RootFinder::Root>()};
}

uint64_t Capture::coverage_version() const {
  return attacher_ ? attacher_->version() : 0;
}

}  // namespace gatewatch::agent
