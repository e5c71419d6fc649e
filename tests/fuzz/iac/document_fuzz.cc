#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "base/status.h"
#include "iac/document.h"
#include "iac/inject/inject.h"

namespace {

using gatewatch::iac::Node;

void CheckSpans(const Node& node, size_t size) {
  GATEWATCH_CHECK(node.span.begin <= node.span.end && node.span.end <= size);
  for (const Node& item : node.items) CheckSpans(item, size);
  for (const Node::Member& member : node.members) {
    CheckSpans(member.key, size);
    CheckSpans(member.value, size);
  }
}

}  // namespace

// A file is read, with spans that lie within it, or refused with the place of
// the error; what is injected can be removed again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace iac = gatewatch::iac;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto file = iac::SourceFile::Parse("f", bytes);
  if (!file.ok()) {
    GATEWATCH_CHECK(absl::StartsWith(file.status().message(), "f:"));
    return 0;
  }
  for (const iac::Document& document : file->documents) {
    CheckSpans(document.root, file->text.size());
  }
  iac::InjectOptions options;
  options.image = "agent";
  const auto injection = iac::Inject("f", bytes, options);
  if (!injection.ok() || injection->after == injection->before) return 0;
  GATEWATCH_CHECK(iac::Remove("f", injection->after).ok());
  return 0;
}
