#include "iac/model/value.h"

#include <array>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace gatewatch::iac {
namespace {

class Exact : public Dialect {
 public:
  bool SameKey(absl::string_view written,
               absl::string_view name) const override {
    return written == name;
  }
};

class Loose : public Dialect {
 public:
  bool SameKey(absl::string_view written,
               absl::string_view name) const override {
    size_t at = 0;
    for (const char c : written) {
      if (c == '_') continue;
      if (at == name.size() ||
          absl::ascii_tolower(c) != absl::ascii_tolower(name[at++])) {
        return false;
      }
    }
    return at == name.size();
  }
};

// YAML 1.1's booleans as Kubernetes reads them, and the same in quotes, which
// CloudFormation and the ECS API take as well.
constexpr std::array<absl::string_view, 3> kTrue = {"true", "yes", "on"};
constexpr std::array<absl::string_view, 3> kFalse = {"false", "no", "off"};

bool IsTrue(const Node& node) {
  return node.kind == Node::Kind::kScalar && node.plain && node.text == "true";
}

// Whether after_unknown holds a true anywhere.
bool HoldsTrue(const Node& node) {
  return IsTrue(node) || absl::c_any_of(node.items, HoldsTrue) ||
         absl::c_any_of(node.members, [](const Node::Member& member) {
           return HoldsTrue(member.value);
         });
}

}  // namespace

Dialect::Meaning Dialect::Resolve(const Node& node) const {
  if (node.IsNull()) return {};
  if (node.kind == Node::Kind::kScalar) {
    return {.presence = Presence::kKnown, .is_text = true, .text = node.text};
  }
  return {.presence = Presence::kKnown, .node = &node};
}

const Dialect& ExactDialect() {
  static const Exact* const dialect = new Exact;
  return *dialect;
}

const Dialect& LooseDialect() {
  static const Loose* const dialect = new Loose;
  return *dialect;
}

Value::Value(const Node& node, const Dialect& dialect, const Node* unknown)
    : unknown_(unknown), dialect_(&dialect), place_(node.span) {
  if (unknown != nullptr && IsTrue(*unknown)) {
    presence_ = Presence::kUnknown;
    return;
  }
  Dialect::Meaning meaning = dialect.Resolve(node);
  presence_ = meaning.presence;
  node_ = meaning.node;
  text_ = std::move(meaning.text);
  branches_ = std::move(meaning.branches);
}

Value Value::Absent(const Span& place) {
  Value value;
  value.place_ = place;
  return value;
}

Value Value::Unknown(const Span& place) {
  Value value = Absent(place);
  value.presence_ = Presence::kUnknown;
  return value;
}

const Node* Value::UnknownItem(size_t index) const {
  return unknown_ != nullptr && index < unknown_->items.size()
             ? &unknown_->items[index]
             : nullptr;
}

Value Value::Get(absl::string_view name) const {
  if (unknown()) return Unknown(place_);
  if (node_ == nullptr) return Absent(place_);
  if (node_->kind == Node::Kind::kSequence && node_->items.size() == 1) {
    return Value(node_->items[0], *dialect_, UnknownItem(0)).Get(name);
  }
  const auto find = [&](const Node& node) -> const Node* {
    for (const Node::Member& member : node.members) {
      if (dialect_->SameKey(member.key.text, name)) return &member.value;
    }
    return nullptr;
  };
  const Node* unknown = unknown_ == nullptr ? nullptr : find(*unknown_);
  const Node* found = find(*node_);
  if (found == nullptr || found->IsNull()) {
    // A plan leaves out, or writes as null, what it does not know.
    return unknown != nullptr && HoldsTrue(*unknown) ? Unknown(place_)
                                                     : Absent(place_);
  }
  Value value(*found, *dialect_, unknown);
  if (value.absent()) value.place_ = place_;
  return value;
}

Value Value::Get(std::initializer_list<absl::string_view> names) const {
  Value value;
  for (const absl::string_view name : names) {
    value = Get(name);
    if (!value.absent()) break;
  }
  return value;
}

void Value::AddItems(std::vector<Value>& items) const {
  if (absent()) return;
  if (!branches_.empty()) {
    for (const Node* branch : branches_) {
      Value(*branch, *dialect_).AddItems(items);
    }
    return;
  }
  if (node_ == nullptr || node_->kind != Node::Kind::kSequence) {
    items.push_back(*this);
    return;
  }
  for (size_t i = 0; i < node_->items.size(); ++i) {
    const Value item(node_->items[i], *dialect_, UnknownItem(i));
    if (item.branches_.empty()) {
      if (!item.absent()) items.push_back(item);
    } else {
      item.AddItems(items);
    }
  }
}

std::vector<Value> Value::Items() const {
  std::vector<Value> items;
  AddItems(items);
  return items;
}

std::vector<std::pair<std::string, Value>> Value::Members() const {
  std::vector<std::pair<std::string, Value>> members;
  if (node_ == nullptr) return members;
  for (const Node::Member& member : node_->members) {
    members.emplace_back(member.key.text, Get(member.key.text));
  }
  return members;
}

Text Value::AsText() const {
  // A collection where a text belongs is an error that is not ours to judge.
  const Presence presence = node_ != nullptr ? Presence::kUnknown : presence_;
  return {presence, text_, place_};
}

Flag Value::AsFlag() const {
  const Text text = AsText();
  Flag flag{text.presence, false, place_};
  if (!text.known()) return flag;
  const std::string word = absl::AsciiStrToLower(text.value);
  if (absl::c_linear_search(kTrue, word)) {
    flag.value = true;
  } else if (!absl::c_linear_search(kFalse, word)) {
    flag.presence = Presence::kUnknown;
  }
  return flag;
}

Number Value::AsNumber() const {
  const Text text = AsText();
  Number number{text.presence, 0, place_};
  if (text.known() && !absl::SimpleAtod(text.value, &number.value)) {
    number.presence = Presence::kUnknown;
  }
  return number;
}

TextList Value::AsTexts() const {
  TextList list{presence_, {}, place_};
  if (!branches_.empty()) list.presence = Presence::kKnown;
  if (list.unknown()) {
    if (!text_.empty()) list.value.push_back(AsText());
    return list;
  }
  for (const Value& item : Items()) list.value.push_back(item.AsText());
  return list;
}

}  // namespace gatewatch::iac
