#include "detection/yaml_documents.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <optional>
#include <sstream>

namespace gatewatch::detection {
namespace {

constexpr size_t kFileLimit = 16 << 20;
constexpr size_t kValueLimit = 1'000'000;
constexpr size_t kTextLimit = 64 << 20;
constexpr size_t kDepthLimit = 64;

// Weighs a file before anything is built of it: a few bytes of YAML can stand
// for more than fits into memory.
class Census : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    // yaml-cpp takes a stray "," for an empty document, again and again.
    if (last_document_ == mark.pos) Refuse(mark, "expected a value");
    last_document_ = mark.pos;
    mark_ = mark;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    mark_ = mark;
    Close({anchor, {.values = 1}});
  }
  void OnScalar(const YAML::Mark& mark, const std::string&,
                YAML::anchor_t anchor, const std::string& value) override {
    mark_ = mark;
    Close({anchor, {.values = 1, .text = value.size()}});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchored_.find(anchor);
    if (known == anchored_.end()) Refuse(mark, "an alias inside of itself");
    mark_ = mark;
    Close({0, known->second});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, anchor);
  }
  void OnSequenceEnd() override { CloseLast(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&,
                  YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    Open(mark, anchor);
  }
  void OnMapEnd() override { CloseLast(); }

 private:
  struct Weight {
    size_t values = 0;
    size_t text = 0;
  };
  struct Part {
    YAML::anchor_t anchor = 0;  // 0: none
    Weight weight;
  };

  [[noreturn]] static void Refuse(const YAML::Mark& mark, const char* what) {
    throw YAML::ParserException(mark, what);
  }

  void Open(const YAML::Mark& mark, YAML::anchor_t anchor) {
    mark_ = mark;
    open_.push_back({anchor, {.values = 1}});
    if (open_.size() > kDepthLimit) Refuse(mark, "nested too deeply");
  }

  void CloseLast() {
    const Part part = open_.back();
    open_.pop_back();
    Close(part);
  }

  // Adds a finished part to what holds it. Checked at each step, so that no
  // sum can overflow.
  void Close(const Part& part) {
    if (part.anchor != 0) anchored_[part.anchor] = part.weight;
    Weight& holder = open_.empty() ? whole_ : open_.back().weight;
    holder.values += part.weight.values;
    holder.text += part.weight.text;
    if (holder.values > kValueLimit || holder.text > kTextLimit) {
      Refuse(mark_, "the file expands to too many values");
    }
  }

  std::optional<int> last_document_;
  YAML::Mark mark_;  // of the last value
  std::vector<Part> open_;
  std::map<YAML::anchor_t, Weight> anchored_;
  Weight whole_;
};

}  // namespace

std::vector<YAML::Node> LoadYamlDocuments(const std::string& text) {
  if (text.size() > kFileLimit) {
    throw YAML::ParserException({}, "the file is larger than 16 MiB");
  }
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Census census;
  while (parser.HandleNextDocument(census)) {
  }
  return YAML::LoadAll(text);
}

}  // namespace gatewatch::detection
