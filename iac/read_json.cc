#include "iac/read_json.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "iac/node_budget.h"
#include "iac/unique_keys.h"

namespace gatewatch::iac {
namespace {

// Says whether a text is JSON, and if not, where and why.
class Judge : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    position_ = position;
    why_ = error.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 2: why"
    const size_t why = why_.find(": ");
    if (why != std::string::npos) why_.erase(0, why + 2);
    return false;
  }

  size_t position() const { return position_; }  // behind the bad byte
  const std::string& why() const { return why_; }

 private:
  size_t position_ = 0;
  std::string why_;
};

// Builds the tree of a text that is known to be JSON.
class Reader {
 public:
  Reader(absl::string_view text, size_t start, const TextLines& lines)
      : text_(text), at_(start), lines_(lines) {}

  absl::Status Read(int depth, Node& node) {
    SkipSpace();
    const size_t begin = at_;
    if (depth > kDepthLimit) return lines_.Error(begin, kTooDeep);
    if (++nodes_ > kNodeLimit) return lines_.Error(begin, kTooMany);
    if (text_[at_] == '{') {
      GATEWATCH_RETURN_IF_ERROR(ReadObject(depth, node));
    } else if (text_[at_] == '[') {
      GATEWATCH_RETURN_IF_ERROR(ReadArray(depth, node));
    } else {
      ReadScalar(node);
    }
    node.span = lines_.At(begin, at_);
    return absl::OkStatus();
  }

 private:
  void SkipSpace() {
    while (absl::ascii_isspace(text_[at_])) ++at_;
  }

  // Whether another member or item follows; steps over the comma or bracket.
  bool More(char closing) {
    SkipSpace();
    if (text_[at_] != closing && text_[at_] != ',') return true;
    return text_[at_++] == ',';
  }

  absl::Status ReadObject(int depth, Node& node) {
    node.kind = Node::Kind::kMapping;
    node.flow = true;
    ++at_;  // {
    while (More('}')) {
      Node::Member& member = node.members.emplace_back();
      GATEWATCH_RETURN_IF_ERROR(Read(depth + 1, member.key));
      SkipSpace();
      ++at_;  // :
      GATEWATCH_RETURN_IF_ERROR(Read(depth + 1, member.value));
    }
    return CheckUniqueKeys(node, lines_);
  }

  absl::Status ReadArray(int depth, Node& node) {
    node.kind = Node::Kind::kSequence;
    node.flow = true;
    ++at_;  // [
    while (More(']')) {
      GATEWATCH_RETURN_IF_ERROR(Read(depth + 1, node.items.emplace_back()));
    }
    return absl::OkStatus();
  }

  void ReadScalar(Node& node) {
    const size_t begin = at_;
    if (text_[at_] != '"') {
      node.plain = true;
      while (at_ < text_.size() &&
             (absl::ascii_isalnum(text_[at_]) || text_[at_] == '-' ||
              text_[at_] == '+' || text_[at_] == '.')) {
        ++at_;
      }
      node.text = std::string(text_.substr(begin, at_ - begin));
      return;
    }
    bool escaped = false;
    for (++at_; text_[at_] != '"'; ++at_) {
      if (text_[at_] != '\\') continue;
      escaped = true;
      ++at_;
    }
    ++at_;
    const absl::string_view quoted = text_.substr(begin, at_ - begin);
    node.text = escaped ? nlohmann::json::parse(quoted.begin(), quoted.end())
                              .get<std::string>()
                        : std::string(quoted.substr(1, quoted.size() - 2));
  }

  const absl::string_view text_;
  size_t at_;
  size_t nodes_ = 0;
  const TextLines& lines_;
};

}  // namespace

absl::StatusOr<Node> ReadJson(absl::string_view text, size_t start,
                              const TextLines& lines) {
  Judge judge;
  if (!nlohmann::json::sax_parse(text.begin() + start, text.end(), &judge)) {
    const size_t bad = start + judge.position();
    return lines.Error(bad == start ? start : bad - 1, judge.why());
  }
  Node root;
  GATEWATCH_RETURN_IF_ERROR(Reader(text, start, lines).Read(1, root));
  return root;
}

}  // namespace gatewatch::iac
