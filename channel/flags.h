#ifndef GATEWATCH_CHANNEL_FLAGS_H_
#define GATEWATCH_CHANNEL_FLAGS_H_

#include "channel/settings.h"

namespace CLI {
class App;
}  // namespace CLI

namespace gatewatch::channel {

enum class End { kServer, kClient };

// The settings as options --tls-… with their variables GATEWATCH_TLS_…, the
// same for all programs. `settings` must outlive the app.
void AddOptions(CLI::App& app, Settings& settings, End end);

// Takes GATEWATCH_TLS_…_PEM out of the environment, which commands that are
// started from here would inherit. Before there are threads.
void TakePemFromEnvironment(Settings& settings);

}  // namespace gatewatch::channel

#endif  // GATEWATCH_CHANNEL_FLAGS_H_
