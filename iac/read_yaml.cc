#include "iac/read_yaml.h"

#include <yaml.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/escape.h"
#include "base/status.h"
#include "iac/node_budget.h"
#include "iac/unique_keys.h"

namespace gatewatch::iac {
namespace {

// libyaml counts characters; spans count bytes.
class CharacterOffsets {
 public:
  CharacterOffsets(absl::string_view text, size_t start) : start_(start) {
    size_t at = start;
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
    }
    ascii_ = at - start;  // most files are nothing else
    for (; at < text.size(); at += Utf8Length(text.substr(at))) {
      offsets_.push_back(at);
    }
    offsets_.push_back(text.size());
  }

  size_t ByteOf(size_t character) const {
    if (character < ascii_) return start_ + character;
    const size_t index = character - ascii_;
    return index < offsets_.size() ? offsets_[index] : offsets_.back();
  }

 private:
  size_t start_;
  size_t ascii_ = 0;
  std::vector<size_t> offsets_;  // of the characters from `ascii_` on
};

struct Event {
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&it); }

  yaml_event_t it = {};
};

std::string Text(const yaml_char_t* text) {
  return text == nullptr ? "" : reinterpret_cast<const char*>(text);
}

std::string Tag(const yaml_char_t* tag) {
  std::string text = Text(tag);
  absl::string_view core = text;
  if (absl::ConsumePrefix(&core, "tag:yaml.org,2002:")) {
    return absl::StrCat("!!", core);
  }
  return text;
}

bool IsMerge(const Node& key) { return key.plain && key.text == "<<"; }

class Reader {
 public:
  Reader(absl::string_view text, size_t start, const TextLines& lines)
      : offsets_(text, start), lines_(lines) {
    GATEWATCH_CHECK(yaml_parser_initialize(&parser_) == 1);
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &parser_, reinterpret_cast<const unsigned char*>(text.data()) + start,
        text.size() - start);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { yaml_parser_delete(&parser_); }

  absl::Status ReadAll(std::vector<Node>& documents) {
    while (true) {
      Event event;
      GATEWATCH_RETURN_IF_ERROR(Next(event));
      if (event.it.type == YAML_STREAM_END_EVENT) return absl::OkStatus();
      if (event.it.type != YAML_DOCUMENT_START_EVENT) continue;
      anchors_.clear();
      Event root;
      GATEWATCH_RETURN_IF_ERROR(Next(root));
      GATEWATCH_RETURN_IF_ERROR(Read(root.it, 1, documents.emplace_back()));
    }
  }

 private:
  absl::Status Next(Event& event) {
    if (yaml_parser_parse(&parser_, &event.it) == 1) return absl::OkStatus();
    const char* problem = parser_.problem;
    const std::string why = problem == nullptr ? "not YAML" : problem;
    // The reader's errors have no mark, but an offset in bytes.
    const size_t at = parser_.error == YAML_READER_ERROR
                          ? offsets_.ByteOf(0) + parser_.problem_offset
                          : offsets_.ByteOf(parser_.problem_mark.index);
    if (parser_.context == nullptr) return lines_.Error(at, why);
    return lines_.Error(at, absl::StrCat(why, " (", parser_.context, ")"));
  }

  Span At(const yaml_mark_t& begin, const yaml_mark_t& end) const {
    return lines_.At(offsets_.ByteOf(begin.index), offsets_.ByteOf(end.index));
  }

  absl::Status Read(const yaml_event_t& event, int depth, Node& node) {
    node.span = At(event.start_mark, event.end_mark);
    if (depth > kDepthLimit) return lines_.Error(node.span.begin, kTooDeep);
    if (++nodes_ > kNodeLimit) return lines_.Error(node.span.begin, kTooMany);
    const yaml_char_t* anchor = nullptr;
    if (event.type == YAML_ALIAS_EVENT) {
      return ReadAlias(Text(event.data.alias.anchor), node);
    } else if (event.type == YAML_SEQUENCE_START_EVENT) {
      anchor = event.data.sequence_start.anchor;
      GATEWATCH_RETURN_IF_ERROR(ReadSequence(event, depth, node));
    } else if (event.type == YAML_MAPPING_START_EVENT) {
      anchor = event.data.mapping_start.anchor;
      GATEWATCH_RETURN_IF_ERROR(ReadMapping(event, depth, node));
    } else {
      anchor = event.data.scalar.anchor;
      node.tag = Tag(event.data.scalar.tag);
      node.text.assign(reinterpret_cast<const char*>(event.data.scalar.value),
                       event.data.scalar.length);
      node.plain = event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    }
    if (anchor == nullptr) return absl::OkStatus();
    GATEWATCH_RETURN_IF_ERROR(Weigh(node));
    anchors_[Text(anchor)] = node;
    return absl::OkStatus();
  }

  absl::Status ReadSequence(const yaml_event_t& start, int depth, Node& node) {
    node.kind = Node::Kind::kSequence;
    node.tag = Tag(start.data.sequence_start.tag);
    node.flow = start.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    while (true) {
      Event event;
      GATEWATCH_RETURN_IF_ERROR(Next(event));
      if (event.it.type == YAML_SEQUENCE_END_EVENT) {
        if (node.flow) node.span.end = offsets_.ByteOf(event.it.end_mark.index);
        return absl::OkStatus();
      }
      Node& item = node.items.emplace_back();
      GATEWATCH_RETURN_IF_ERROR(Read(event.it, depth + 1, item));
      node.span.end = item.span.end;
    }
  }

  absl::Status ReadMapping(const yaml_event_t& start, int depth, Node& node) {
    node.kind = Node::Kind::kMapping;
    node.tag = Tag(start.data.mapping_start.tag);
    node.flow = start.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    while (true) {
      Event event;
      GATEWATCH_RETURN_IF_ERROR(Next(event));
      if (event.it.type == YAML_MAPPING_END_EVENT) {
        if (node.flow) node.span.end = offsets_.ByteOf(event.it.end_mark.index);
        break;
      }
      Node::Member& member = node.members.emplace_back();
      GATEWATCH_RETURN_IF_ERROR(Read(event.it, depth + 1, member.key));
      if (member.key.kind != Node::Kind::kScalar) {
        return lines_.Error(member.key.span.begin, "a key that is no scalar");
      }
      Event value;
      GATEWATCH_RETURN_IF_ERROR(Next(value));
      GATEWATCH_RETURN_IF_ERROR(Read(value.it, depth + 1, member.value));
      node.span.end = member.value.span.end;
    }
    GATEWATCH_RETURN_IF_ERROR(CheckUniqueKeys(node, lines_));
    return ApplyMerge(node);
  }

  absl::Status ReadAlias(const std::string& anchor, Node& node) {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) {
      return lines_.Error(node.span.begin,
                          absl::StrCat("an alias of nothing: *", anchor));
    }
    GATEWATCH_RETURN_IF_ERROR(Weigh(known->second));
    const Span span = node.span;
    node = known->second;
    MarkAliased(span, node);
    return absl::OkStatus();
  }

  static void MarkAliased(const Span& span, Node& node) {
    node.span = span;
    node.aliased = true;
    for (Node& item : node.items) MarkAliased(span, item);
    for (Node::Member& member : node.members) {
      MarkAliased(span, member.key);
      MarkAliased(span, member.value);
    }
  }

  // Before each copy: of a value that has an anchor, and of what an alias
  // stands for.
  absl::Status Weigh(const Node& node) {
    Add(node);
    if (copied_nodes_ <= kAliasedNodeLimit && copied_text_ <= kAliasedTextLimit)
      return absl::OkStatus();
    return lines_.Error(node.span.begin, "aliases stand for too many values");
  }

  void Add(const Node& node) {
    ++copied_nodes_;
    copied_text_ += node.text.size();
    for (const Node& item : node.items) Add(item);
    for (const Node::Member& member : node.members) {
      Add(member.key);
      Add(member.value);
    }
  }

  // Takes over what "<<" names and the mapping itself has not.
  absl::Status ApplyMerge(Node& mapping) {
    const auto merge =
        std::find_if(mapping.members.begin(), mapping.members.end(),
                     [](const auto& member) { return IsMerge(member.key); });
    if (merge == mapping.members.end()) return absl::OkStatus();
    const Node sources = std::move(merge->value);
    mapping.members.erase(merge);
    if (sources.kind == Node::Kind::kMapping) Merge(sources, mapping);
    for (const Node& source : sources.items) Merge(source, mapping);
    return Weigh(sources);
  }

  static void Merge(const Node& source, Node& mapping) {
    for (const Node::Member& member : source.members) {
      if (mapping.Find(member.key.text) == nullptr) {
        mapping.members.push_back(member);
      }
    }
  }

  yaml_parser_t parser_ = {};
  const CharacterOffsets offsets_;
  const TextLines& lines_;
  absl::flat_hash_map<std::string, Node> anchors_;
  size_t nodes_ = 0;
  size_t copied_nodes_ = 0;
  size_t copied_text_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<Node>> ReadYaml(absl::string_view text, size_t start,
                                           const TextLines& lines) {
  std::vector<Node> documents;
  GATEWATCH_RETURN_IF_ERROR(Reader(text, start, lines).ReadAll(documents));
  return documents;
}

}  // namespace gatewatch::iac
