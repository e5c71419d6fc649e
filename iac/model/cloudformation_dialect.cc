#include "iac/model/cloudformation_dialect.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace gatewatch::iac {
namespace {

using Meaning = Dialect::Meaning;

Meaning KnownText(std::string text) {
  return {
      .presence = Presence::kKnown, .is_text = true, .text = std::move(text)};
}

Meaning UnknownText(std::string text) {
  return {
      .presence = Presence::kUnknown, .is_text = true, .text = std::move(text)};
}

class CloudFormation : public Dialect {
 public:
  bool SameKey(absl::string_view written,
               absl::string_view name) const override {
    return LooseDialect().SameKey(written, name);
  }
  Meaning Resolve(const Node& node) const override;
};

// The function that a node calls, without "!" and "Fn::", and its argument,
// which for a short form is the node itself.
struct Call {
  absl::string_view name;
  const Node* argument = nullptr;
};

Call CallOf(const Node& node) {
  absl::string_view name = node.tag;
  if (absl::ConsumePrefix(&name, "!") && !absl::StartsWith(name, "!")) {
    return {name, &node};
  }
  if (node.kind != Node::Kind::kMapping || node.members.size() != 1) return {};
  name = node.members[0].key.text;
  if (absl::ConsumePrefix(&name, "Fn::") || name == "Ref" ||
      name == "Condition") {
    return {name, &node.members[0].value};
  }
  return {};
}

// All texts of an argument, to tell calls apart.
void AppendTexts(const Node& node, std::string& out) {
  if (node.kind == Node::Kind::kScalar) {
    absl::StrAppend(&out, out.empty() ? "" : ".", node.text);
  }
  for (const Node& item : node.items) AppendTexts(item, out);
  for (const Node::Member& member : node.members) {
    AppendTexts(member.value, out);
  }
}

Meaning Reference(const Call& call) {
  std::string name;
  AppendTexts(*call.argument, name);
  if (call.name == "Ref" && name == "AWS::NoValue") return {};
  return UnknownText(absl::StrCat("${", name, "}"));
}

Meaning Substitute(const Call& call) {
  // With variables of its own, it is a list of the text and a mapping.
  const Node& argument = *call.argument;
  const bool list = argument.kind == Node::Kind::kSequence;
  if (list && argument.items.empty()) return UnknownText("");
  absl::string_view rest = list ? argument.items[0].text : argument.text;
  std::string text;
  bool known = true;
  while (!rest.empty()) {
    if (absl::ConsumePrefix(&rest, "${!")) {
      text += "${";  // an escape for it
    } else {
      known &= !absl::StartsWith(rest, "${");
      text += rest[0];
      rest.remove_prefix(1);
    }
  }
  return known ? KnownText(std::move(text)) : UnknownText(std::move(text));
}

Meaning Join(const Call& call, const Dialect& dialect) {
  const Node& argument = *call.argument;
  if (argument.items.size() != 2 ||
      argument.items[1].kind != Node::Kind::kSequence) {
    return Reference(call);
  }
  std::string text;
  bool known = true;
  bool first = true;
  for (const Node& item : argument.items[1].items) {
    const Meaning part = dialect.Resolve(item);
    if (part.presence == Presence::kAbsent) continue;
    known &= part.presence == Presence::kKnown && part.is_text;
    absl::StrAppend(&text, first ? "" : argument.items[0].text,
                    part.is_text ? part.text : "${}");
    first = false;
  }
  return known ? KnownText(std::move(text)) : UnknownText(std::move(text));
}

Meaning If(const Call& call, const Dialect& dialect) {
  const std::vector<Node>& items = call.argument->items;
  if (items.size() != 3) return Reference(call);
  const Meaning yes = dialect.Resolve(items[1]);
  const Meaning no = dialect.Resolve(items[2]);
  if (yes.is_text && no.is_text && yes.presence == no.presence &&
      yes.text == no.text) {
    return yes;
  }
  Meaning meaning = UnknownText("");
  meaning.branches = {&items[1], &items[2]};
  return meaning;
}

Meaning CloudFormation::Resolve(const Node& node) const {
  const Call call = CallOf(node);
  if (call.argument == nullptr) return Dialect::Resolve(node);
  if (call.name == "Sub") return Substitute(call);
  if (call.name == "Join") return Join(call, *this);
  if (call.name == "If") return If(call, *this);
  return Reference(call);
}

}  // namespace

const Dialect& CloudFormationDialect() {
  static const CloudFormation* const dialect = new CloudFormation;
  return *dialect;
}

}  // namespace gatewatch::iac
