#include "iac/lint/formats.h"

namespace gatewatch::iac {
namespace {

constexpr Format kFormats[] = {{"text", WriteText},
                               {"json", WriteJsonLines},
                               {"sarif", WriteSarif},
                               {"junit", WriteJunit},
                               {"github", WriteAnnotations}};

}  // namespace

absl::Span<const Format> AllFormats() { return kFormats; }

}  // namespace gatewatch::iac
