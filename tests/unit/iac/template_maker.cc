#include "tests/unit/iac/template_maker.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace gatewatch::iac {
namespace {

struct Member;

// What a file is to say, apart from how it is written.
struct Value {
  enum class Kind { kText, kBare, kFunction, kList, kMap };
  Kind kind = Kind::kText;
  std::string text;  // kFunction: its argument
  std::string tag;   // kFunction: "Sub"
  std::vector<Value> items;
  std::vector<Member> members;
};

struct Member {
  std::string key;
  Value value;
};

Value Text(std::string text) { return {Value::Kind::kText, std::move(text)}; }
Value Bare(std::string text) { return {Value::Kind::kBare, std::move(text)}; }
Value Function(std::string tag, std::string text) {
  return {Value::Kind::kFunction, std::move(text), std::move(tag)};
}

using Random = std::mt19937;

// True once in `n` times.
bool Once(Random& random, unsigned n) { return random() % n == 0; }

template <typename T>
const T& OneOf(Random& random, const std::vector<T>& from) {
  return from[random() % from.size()];
}

// --- what the file says ------------------------------------------------------

class Author {
 public:
  Author(Random& random, bool pascal) : random_(random), pascal_(pascal) {}

  Value Task() {
    Value task{Value::Kind::kMap};
    Add(task, "family", Name());
    if (Once(random_, 2)) Add(task, "cpu", Text("1024"));
    if (Once(random_, 2)) Add(task, "memory", Text("4096"));
    if (Once(random_, 4)) Add(task, "pidMode", Text("task"));
    if (Once(random_, 3)) Add(task, "volumes", Volumes());
    Value list{Value::Kind::kList};
    for (unsigned i = 0; i <= random_() % 3; ++i) {
      list.items.push_back(Container(i));
    }
    Add(task, "containerDefinitions", list);
    if (Once(random_, 2)) Add(task, "executionRoleArn", Name());
    return task;
  }

  Value Template() {
    Value properties = Task();
    Value resource{Value::Kind::kMap};
    resource.members = {{"Type", Text("AWS::ECS::TaskDefinition")},
                        {"Properties", properties}};
    Value resources{Value::Kind::kMap};
    resources.members = {{"Task", resource}};
    if (Once(random_, 2)) {
      Value topic{Value::Kind::kMap};
      topic.members = {{"Type", Text("AWS::SNS::Topic")}};
      resources.members.insert(resources.members.begin() + random_() % 2,
                               {"Topic", topic});
    }
    Value root{Value::Kind::kMap};
    root.members = {{"AWSTemplateFormatVersion", Text("2010-09-09")},
                    {"Resources", resources}};
    return root;
  }

  Value Deployment() {
    Value list{Value::Kind::kList};
    for (unsigned i = 0; i <= random_() % 3; ++i) {
      Value container{Value::Kind::kMap};
      container.members = {{"name", Text(absl::StrCat("app", i))},
                           {"image", Text("shop:1")}};
      if (Once(random_, 2)) container.members.push_back({"args", Words()});
      list.items.push_back(container);
    }
    Value spec{Value::Kind::kMap};
    spec.members = {{"containers", list}};
    if (Once(random_, 3)) {
      spec.members.push_back({"restartPolicy", Text("Always")});
    }
    Value pod{Value::Kind::kMap};
    pod.members = {{"spec", spec}};
    Value deployment{Value::Kind::kMap};
    deployment.members = {{"template", pod}};
    Value root{Value::Kind::kMap};
    root.members = {{"apiVersion", Text("apps/v1")},
                    {"kind", Text("Deployment")},
                    {"spec", deployment}};
    return root;
  }

 private:
  void Add(Value& map, std::string key, Value value) {
    if (pascal_) key[0] = static_cast<char>(key[0] - 'a' + 'A');
    map.members.push_back({std::move(key), std::move(value)});
  }

  Value Name() {
    if (pascal_ && Once(random_, 2)) return Function("Sub", "${Name}-x: y");
    return Text(OneOf<std::string>(
        random_, {"shop", "caf\u00e9", "it's \"so\"", "a, b # c", "", "0x1F"}));
  }

  Value Words() {
    Value list{Value::Kind::kList};
    for (unsigned i = 0; i <= random_() % 3; ++i) {
      list.items.push_back(Text(OneOf<std::string>(
          random_, {"run", "-v", "[", "a b", "\U0001F600", "no", "{}"})));
    }
    return list;
  }

  Value Volumes() {
    Value list{Value::Kind::kList};
    if (Once(random_, 3)) return list;
    Value volume{Value::Kind::kMap};
    Add(volume, "name", Text("data"));
    list.items.push_back(volume);
    return list;
  }

  Value Log() {
    Value options{Value::Kind::kMap};
    options.members = {
        {"awslogs-group", pascal_ ? Function("Ref", "Logs") : Text("logs")},
        {"awslogs-region", Text("eu-west-1")}};
    Value log{Value::Kind::kMap};
    Add(log, "logDriver", Text("awslogs"));
    Add(log, "options", options);
    return log;
  }

  Value Container(unsigned index) {
    Value container{Value::Kind::kMap};
    Add(container, "name", Text(absl::StrCat("app", index)));
    Add(container, "image", Text("shop:1"));
    if (Once(random_, 2)) Add(container, "essential", Bare("true"));
    if (Once(random_, 2)) Add(container, "entryPoint", Words());
    if (Once(random_, 2)) Add(container, "command", Words());
    if (Once(random_, 2)) Add(container, "logConfiguration", Log());
    if (Once(random_, 4)) Add(container, "user", Name());
    if (Once(random_, 3)) {
      Value list{Value::Kind::kList};
      if (index > 0 && Once(random_, 2)) {
        Value item{Value::Kind::kMap};
        Add(item, "containerName", Text("app0"));
        Add(item, "condition", Text("START"));
        list.items.push_back(item);
      }
      Add(container, "dependsOn", list);
    }
    return container;
  }

  Random& random_;
  const bool pascal_;
};

// --- how it is written -------------------------------------------------------

std::string Quoted(const std::string& text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

class JsonWriter {
 public:
  explicit JsonWriter(Random& random)
      : random_(random),
        step_(OneOf<std::string>(random, {"", " ", "  ", "    ", "\t"})),
        colon_(OneOf<std::string>(random, {":", ": ", " : ", ":\t"})) {}

  std::string Write(const Value& value, const std::string& indent = "") {
    std::vector<std::string> parts;
    switch (value.kind) {
      case Value::Kind::kText:
        return Quoted(value.text);
      case Value::Kind::kBare:
        return value.text;
      case Value::Kind::kFunction:
        return absl::StrCat("{", Quoted(value.tag), colon_, Quoted(value.text),
                            "}");
      case Value::Kind::kList:
        for (const Value& item : value.items) {
          parts.push_back(Write(item, indent + step_));
        }
        return Join(parts, '[', ']', indent);
      case Value::Kind::kMap:
        for (const auto& [key, member] : value.members) {
          parts.push_back(
              absl::StrCat(Quoted(key), colon_, Write(member, indent + step_)));
        }
        return Join(parts, '{', '}', indent);
    }
    return "";
  }

 private:
  std::string Join(const std::vector<std::string>& parts, char open, char close,
                   const std::string& indent) {
    const bool lines = !step_.empty() && !Once(random_, 6);
    const std::string inside =
        lines ? "\n" + indent + step_ : OneOf<std::string>(random_, {"", " "});
    const std::string between =
        lines ? inside : OneOf<std::string>(random_, {"", " "});
    std::string text(1, open);
    for (size_t i = 0; i < parts.size(); ++i) {
      absl::StrAppend(&text, i == 0 ? inside : "," + between, parts[i]);
    }
    absl::StrAppend(&text, lines ? "\n" + indent : inside,
                    std::string(1, close));
    return text;
  }

  Random& random_;
  const std::string step_;
  const std::string colon_;
};

class YamlWriter {
 public:
  explicit YamlWriter(Random& random)
      : random_(random),
        step_(OneOf<std::string>(random, {"  ", "    ", "   "})),
        list_step_(Once(random, 2) ? "" : step_) {}

  // The lines of a block collection; the first comes without indentation.
  std::string Block(const Value& value, const std::string& indent) {
    std::string text;
    for (const Value& item : value.items) {
      if (!text.empty()) absl::StrAppend(&text, Noise(indent), indent);
      const std::string gap = OneOf<std::string>(random_, {" ", " ", "   "});
      absl::StrAppend(&text, "-", gap);
      if (IsBlock(item)) {
        text += Block(item, absl::StrCat(indent, " ", gap));
      } else {
        absl::StrAppend(&text, Flow(item), Comment());
      }
    }
    for (const auto& [key, member] : value.members) {
      if (!text.empty()) absl::StrAppend(&text, Noise(indent), indent);
      absl::StrAppend(&text, Key(key), ":");
      if (!IsBlock(member)) {
        absl::StrAppend(&text, " ", Flow(member), Comment());
        continue;
      }
      const std::string deeper =
          indent + (member.kind == Value::Kind::kList ? list_step_ : step_);
      absl::StrAppend(&text, Comment(), deeper, Block(member, deeper));
    }
    return text;
  }

 private:
  bool IsBlock(const Value& value) {
    return !(value.items.empty() && value.members.empty()) && !Once(random_, 7);
  }

  std::string Flow(const Value& value) {
    std::string text;
    switch (value.kind) {
      case Value::Kind::kText:
        return Scalar(value.text);
      case Value::Kind::kBare:
        return value.text;
      case Value::Kind::kFunction:
        return absl::StrCat("!", value.tag, " ", Quoted(value.text));
      case Value::Kind::kList:
        for (const Value& item : value.items) {
          absl::StrAppend(&text, text.empty() ? "" : ", ", Flow(item));
        }
        return absl::StrCat("[", text, "]");
      case Value::Kind::kMap:
        for (const auto& [key, member] : value.members) {
          absl::StrAppend(&text, text.empty() ? "" : ", ", Key(key), ": ",
                          Flow(member));
        }
        return absl::StrCat("{", text, "}");
    }
    return text;
  }

  std::string Key(const std::string& key) {
    return Once(random_, 8) ? Quoted(key) : key;
  }

  std::string Scalar(const std::string& text) {
    const bool safe =
        !text.empty() &&
        text.find_first_not_of("abcdefghijklmnopqrstuvwxyzAS:/0123456789") ==
            std::string::npos;
    if (safe && !Once(random_, 3)) return text;
    if (Once(random_, 2)) return Quoted(text);
    return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
  }

  // To the end of the line.
  std::string Comment() {
    return Once(random_, 5) ? "  # why: {that} - [it]\n" : "\n";
  }

  // Between two elements.
  std::string Noise(const std::string& indent) {
    if (Once(random_, 12)) return "\n";
    return Once(random_, 8) ? absl::StrCat(indent, "# - and: this\n") : "";
  }

  Random& random_;
  const std::string step_;
  const std::string list_step_;
};

// What differs between systems and editors.
std::string Finish(Random& random, std::string text) {
  if (Once(random, 4)) text = absl::StrReplaceAll(text, {{"\n", "\r\n"}});
  if (Once(random, 4)) text.insert(0, "\xEF\xBB\xBF");
  return text;
}

}  // namespace

std::string TemplateMaker::Json() {
  const bool pascal = Once(random_, 3);
  Author author(random_, pascal);
  const Value value = pascal             ? author.Template()
                      : Once(random_, 4) ? author.Deployment()
                                         : author.Task();
  const std::string end = OneOf<std::string>(random_, {"", "\n", "\n\n"});
  return Finish(random_, JsonWriter(random_).Write(value) + end);
}

std::string TemplateMaker::Yaml() {
  std::string text = Once(random_, 4) ? "# about this file\n---\n" : "";
  const unsigned documents = 1 + random_() % 2;
  for (unsigned i = 0; i < documents; ++i) {
    const bool pascal = documents == 1 && Once(random_, 2);
    Author author(random_, pascal);
    if (i > 0) text += "---\n";
    text += YamlWriter(random_).Block(
        pascal ? author.Template() : author.Deployment(), "");
  }
  if (Once(random_, 4)) text.pop_back();
  return Finish(random_, std::move(text));
}

}  // namespace gatewatch::iac
