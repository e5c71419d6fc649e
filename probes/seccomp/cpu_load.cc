#include "probes/seccomp/cpu_load.h"

#include <fcntl.h>
#include <unistd.h>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"

namespace gatewatch::probes {
namespace {

constexpr double kWeight = 0.125;  // of one look
// The distance keeps it from swinging.
constexpr double kBecomesBusy = 0.6;
constexpr double kBecomesIdle = 0.3;

// "0.20 0.18 0.12 1/80 11206": the number before the slash; 0: none.
int RunnableIn(absl::string_view text) {
  text = text.substr(0, text.find('/'));
  int runnable = 0;
  return absl::SimpleAtoi(text.substr(text.rfind(' ') + 1), &runnable)
             ? runnable
             : 0;
}

}  // namespace

CpuLoad::CpuLoad(int cpus, const std::string& proc_root)
    : cpus_(cpus),
      loadavg_(::open((proc_root + "/loadavg").c_str(), O_RDONLY | O_CLOEXEC)) {
}

bool CpuLoad::Sample() {
  char text[128];
  const ssize_t got = ::pread(loadavg_.get(), text, sizeof(text), 0);
  const int others =
      RunnableIn({text, got > 0 ? static_cast<size_t>(got) : 0}) - 1;
  busy_share_ += kWeight * ((others >= cpus_ ? 1 : 0) - busy_share_);
  busy_ = busy_share_ > (busy_ ? kBecomesIdle : kBecomesBusy);
  return busy_;
}

}  // namespace gatewatch::probes
