#ifndef GATEWATCH_IAC_MODEL_VALUE_H_
#define GATEWATCH_IAC_MODEL_VALUE_H_

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "iac/document.h"
#include "iac/model/setting.h"

namespace gatewatch::iac {

// How a kind of input writes keys and values. Without state.
class Dialect {
 public:
  // What a node stands for.
  struct Meaning {
    Presence presence = Presence::kAbsent;
    const Node* node = nullptr;  // kKnown: the value itself, unless it is text
    bool is_text = false;        // `text` is the value
    std::string text;            // as Setting::value of a Text
    std::vector<const Node*> branches;  // kUnknown: it will be one of these
  };

  virtual ~Dialect() = default;
  virtual bool SameKey(absl::string_view written,
                       absl::string_view name) const = 0;
  virtual Meaning Resolve(const Node& node) const;
};

// Keys exactly as they are named: Kubernetes.
const Dialect& ExactDialect();
// Keys in any case, with or without underscores, which covers ECS's camelCase,
// CloudFormation's PascalCase and Terraform's snake_case alike.
const Dialect& LooseDialect();

// A node as its dialect means it. Borrows nodes and dialect.
class Value {
 public:
  // Absent, and nowhere.
  Value() = default;
  // `unknown` is Terraform's after_unknown of the same place, or null.
  Value(const Node& node, const Dialect& dialect,
        const Node* unknown = nullptr);

  // Something that is only decided at deployment, and so is all that it holds.
  static Value Unknown(const Span& place);

  bool absent() const { return presence_ == Presence::kAbsent; }
  bool known() const { return presence_ == Presence::kKnown; }
  bool unknown() const { return presence_ == Presence::kUnknown; }
  Presence presence() const { return presence_; }
  const Span& place() const { return place_; }

  // A member of a mapping, by its ECS name. Of a list of one, as Terraform
  // writes blocks, that of its item.
  Value Get(absl::string_view name) const;
  // The first of these that is there.
  Value Get(std::initializer_list<absl::string_view> names) const;

  // The items of a list; of a conditional list, those of all its branches; of
  // anything else that is there, itself.
  std::vector<Value> Items() const;
  std::vector<std::pair<std::string, Value>> Members() const;

  Text AsText() const;
  Flag AsFlag() const;
  Number AsNumber() const;
  TextList AsTexts() const;

 private:
  static Value Absent(const Span& place);
  void AddItems(std::vector<Value>& items) const;
  const Node* UnknownItem(size_t index) const;

  Presence presence_ = Presence::kAbsent;
  const Node* node_ = nullptr;     // null when the value is a text
  const Node* unknown_ = nullptr;  // Terraform's
  const Dialect* dialect_ = nullptr;
  std::string text_;
  std::vector<const Node*> branches_;
  Span place_;
};

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_MODEL_VALUE_H_
