#include "detection/json_event.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace gatewatch::detection {

struct JsonEvent::Node {
  enum class Kind { kNull, kText, kOther, kArray, kObject };
  Kind kind = Kind::kNull;
  std::string key;   // in an object
  std::string text;  // kText: decoded; kOther: as written
  std::vector<Node> children;
};

namespace {

using nlohmann::json;
using Node = JsonEvent::Node;
using Kind = Node::Kind;

constexpr size_t kDepthLimit = 64;

// Builds nodes as the parser finds their parts: nlohmann's own tree sorts keys
// and forgets how numbers were written.
class Builder : public json::json_sax_t {
 public:
  explicit Builder(Node& root) : open_({&root}) {}

  const std::string& error() const { return error_; }

  bool null() override { return Add({}); }
  bool boolean(bool value) override {
    return Add({Kind::kOther, {}, value ? "true" : "false", {}});
  }
  bool number_integer(number_integer_t value) override {
    return Add({Kind::kOther, {}, absl::StrCat(value), {}});
  }
  bool number_unsigned(number_unsigned_t value) override {
    return Add({Kind::kOther, {}, absl::StrCat(value), {}});
  }
  bool number_float(number_float_t, const string_t& written) override {
    return Add({Kind::kOther, {}, written, {}});
  }
  bool string(string_t& value) override {
    return Add({Kind::kText, {}, std::move(value), {}});
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return Open(Kind::kObject); }
  bool start_array(size_t) override { return Open(Kind::kArray); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& value) override {
    key_ = std::move(value);
    return true;
  }
  bool parse_error(size_t position, const std::string&,
                   const json::exception&) override {
    return Fail(absl::StrCat("not JSON at byte ", position));
  }

 private:
  bool Fail(std::string what) {
    error_ = std::move(what);
    return false;
  }
  // The root is no object as long as one that is open holds nothing.
  bool Add(Node node) {
    if (open_.size() == 1) return Fail("not a JSON object");
    node.key = std::exchange(key_, {});
    open_.back()->children.push_back(std::move(node));
    return true;
  }
  bool Open(Kind kind) {
    if (open_.size() > kDepthLimit) return Fail("nested too deeply");
    if (open_.size() == 1) {
      if (kind != Kind::kObject) return Fail("not a JSON object");
      open_[0]->kind = kind;
      open_.push_back(open_[0]);
      return true;
    }
    if (!Add({kind, {}, {}, {}})) return false;
    open_.push_back(&open_.back()->children.back());
    return true;
  }
  // A closed node does not move any more until the one that holds it closes,
  // which is then the last of the open ones.
  bool Close() {
    open_.pop_back();
    return true;
  }

  std::vector<Node*> open_;  // the root twice once it is open
  std::string key_;
  std::string error_;
};

void AppendQuoted(absl::string_view text, std::string& out) {
  constexpr absl::string_view kShort = "\"\\\b\f\n\r\t";
  constexpr absl::string_view kLetters = "\"\\bfnrt";
  out += '"';
  for (const char c : text) {
    const size_t known = kShort.find(c);
    if (known != kShort.npos) {
      out += '\\';
      out += kLetters[known];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppend(&out, "\\u00", absl::Hex(c, absl::kZeroPad2));
    } else {
      out += c;
    }
  }
  out += '"';
}

void AppendText(const Node& node, std::string& out) {
  switch (node.kind) {
    case Kind::kNull:
      out += "null";
      return;
    case Kind::kText:
      return AppendQuoted(node.text, out);
    case Kind::kOther:
      out += node.text;
      return;
    case Kind::kArray:
    case Kind::kObject:
      break;
  }
  const bool object = node.kind == Kind::kObject;
  out += object ? '{' : '[';
  for (const Node& child : node.children) {
    if (&child != node.children.data()) out += ',';
    if (object) {
      AppendQuoted(child.key, out);
      out += ':';
    }
    AppendText(child, out);
  }
  out += object ? '}' : ']';
}

void AppendValues(const Node& node, Values& values) {
  if (node.kind == Kind::kNull) return;
  Value& value = values.emplace_back();
  if (node.kind == Kind::kText || node.kind == Kind::kOther) {
    return value.Borrow(node.text);
  }
  std::string text;
  AppendText(node, text);
  value.Own(std::move(text));
  if (node.kind == Kind::kObject) return;
  for (const Node& item : node.children) AppendValues(item, values);
}

void AppendScalars(const Node& node, Values& values) {
  if (node.kind == Kind::kText || node.kind == Kind::kOther) {
    values.emplace_back().Borrow(node.text);
  }
  for (const Node& child : node.children) AppendScalars(child, values);
}

const Node* Member(const Node& object, absl::string_view key) {
  for (const Node& member : object.children) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

// Calls for what the path leads to; false: it leads nowhere. Every node of the
// event is come by at most once, since keys spell the path.
template <typename Found>
bool Follow(const Node& node, absl::string_view path, Found found) {
  bool any = false;
  if (node.kind == Kind::kArray) {
    for (const Node& item : node.children) any |= Follow(item, path, found);
    return any;
  }
  if (node.kind != Kind::kObject) return false;
  if (const Node* whole = Member(node, path); whole != nullptr) {
    found(*whole);
    return true;
  }
  for (size_t dot = path.rfind('.'); dot != path.npos && !any && dot > 0;
       dot = path.rfind('.', dot - 1)) {
    const Node* next = Member(node, path.substr(0, dot));
    if (next != nullptr) any = Follow(*next, path.substr(dot + 1), found);
  }
  return any;
}

}  // namespace

absl::StatusOr<JsonEvent> JsonEvent::Parse(absl::string_view text) {
  auto root = std::make_unique<Node>();
  Builder builder(*root);
  if (!json::sax_parse(text.begin(), text.end(), &builder)) {
    return absl::InvalidArgumentError(builder.error());
  }
  return JsonEvent(std::move(root));
}

JsonEvent::JsonEvent(std::unique_ptr<const Node> root)
    : root_(std::move(root)) {}
JsonEvent::JsonEvent(JsonEvent&&) noexcept = default;
JsonEvent& JsonEvent::operator=(JsonEvent&&) noexcept = default;
JsonEvent::~JsonEvent() = default;

void JsonEvent::Read(absl::string_view path, Values& values) const {
  Follow(*root_, path, [&](const Node& node) { AppendValues(node, values); });
}

bool JsonEvent::Has(absl::string_view path) const {
  return Follow(*root_, path, [](const Node&) {});
}

void JsonEvent::ReadAll(Values& values) const { AppendScalars(*root_, values); }

std::string JsonEvent::Text() const {
  std::string text;
  AppendText(*root_, text);
  return text;
}

}  // namespace gatewatch::detection
