#include "proto/json.h"

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/escape.h"
#include "base/status.h"
#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"

namespace gatewatch {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using nlohmann::json;

constexpr int kMaxDepth = 64;
constexpr char kHex[] = "0123456789abcdef";

// --- writing -----------------------------------------------------------------

void AppendCodeUnit(uint8_t value, std::string& out) {
  absl::StrAppend(&out, "\\u00");
  out += kHex[value >> 4];
  out += kHex[value & 15];
}

// One valid UTF-8 character inside a JSON string. DEL and the C1 controls need
// no escape in JSON but drive terminals, where such lines are often read.
void AppendCharacter(absl::string_view character, std::string& out) {
  const auto lead = static_cast<uint8_t>(character[0]);
  if (character.size() == 1) {
    if (lead < 0x20 || lead == 0x7f) return AppendCodeUnit(lead, out);
    if (lead == '"' || lead == '\\') out += '\\';
  } else if (lead == 0xc2 && static_cast<uint8_t>(character[1]) < 0xa0) {
    return AppendCodeUnit(static_cast<uint8_t>(character[1]), out);
  }
  out.append(character.data(), character.size());
}

// Calls `plain` with each valid character and `stray` with each other byte.
template <typename Plain, typename Stray>
void ForEachCharacter(absl::string_view bytes, Plain plain, Stray stray) {
  while (!bytes.empty()) {
    const size_t length = Utf8Length(bytes);
    if (length == 0) {
      stray(static_cast<uint8_t>(bytes[0]));
      bytes.remove_prefix(1);
    } else {
      plain(bytes.substr(0, length));
      bytes.remove_prefix(length);
    }
  }
}

void WriteText(absl::string_view text, std::string& out) {
  out += '"';
  ForEachCharacter(
      text, [&](absl::string_view it) { AppendCharacter(it, out); },
      [&](uint8_t) { out += "\xef\xbf\xbd"; });  // U+FFFD
  out += '"';
}

void WriteBytes(absl::string_view bytes, std::string& out) {
  out += '"';
  ForEachCharacter(
      bytes,
      [&](absl::string_view it) {
        // Written as two, each of which JSON escapes again.
        if (it == "\\") out += "\\\\";
        AppendCharacter(it, out);
      },
      [&](uint8_t byte) {
        out += "\\\\x";
        out += kHex[byte >> 4];
        out += kHex[byte & 15];
      });
  out += '"';
}

void WriteMessage(const Message& message, std::string& out);

// The value of a field, or with `index` one element of a repeated field.
class ValueWriter {
 public:
  ValueWriter(const Message& message, const FieldDescriptor& field)
      : message_(message),
        reflection_(*message.GetReflection()),
        field_(field) {}

  void Write(std::string& out) const {
    if (!field_.is_repeated()) return WriteOne(-1, out);
    out += '[';
    const int size = reflection_.FieldSize(message_, &field_);
    for (int i = 0; i < size; ++i) {
      if (i > 0) out += ',';
      WriteOne(i, out);
    }
    out += ']';
  }

 private:
  void WriteOne(int index, std::string& out) const;
  void WriteEnum(int index, std::string& out) const;
  void WriteString(int index, std::string& out) const;

  const Message& message_;
  const Reflection& reflection_;
  const FieldDescriptor& field_;
};

// Get(Int32, 3): reflection_.GetRepeatedInt32(…, 3), or GetInt32(…) for -1.
#define GATEWATCH_GET(Type)                             \
  (index < 0 ? reflection_.Get##Type(message_, &field_) \
             : reflection_.GetRepeated##Type(message_, &field_, index))

void ValueWriter::WriteOne(int index, std::string& out) const {
  switch (field_.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrAppend(&out, GATEWATCH_GET(Int32));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrAppend(&out, GATEWATCH_GET(Int64));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrAppend(&out, GATEWATCH_GET(UInt32));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrAppend(&out, GATEWATCH_GET(UInt64));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrAppend(&out, json(GATEWATCH_GET(Double)).dump());
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrAppend(&out, json(GATEWATCH_GET(Float)).dump());
    case FieldDescriptor::CPPTYPE_BOOL:
      return absl::StrAppend(&out, GATEWATCH_GET(Bool) ? "true" : "false");
    case FieldDescriptor::CPPTYPE_ENUM:
      return WriteEnum(index, out);
    case FieldDescriptor::CPPTYPE_STRING:
      return WriteString(index, out);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return WriteMessage(GATEWATCH_GET(Message), out);
  }
}

void ValueWriter::WriteEnum(int index, std::string& out) const {
  const int number = GATEWATCH_GET(EnumValue);
  const EnumValueDescriptor* const value =
      field_.enum_type()->FindValueByNumber(number);
  // A later version's value has no name here.
  if (value == nullptr) return absl::StrAppend(&out, number);
  WriteText(value->name(), out);
}

void ValueWriter::WriteString(int index, std::string& out) const {
  std::string scratch;
  const std::string& value =
      index < 0 ? reflection_.GetStringReference(message_, &field_, &scratch)
                : reflection_.GetRepeatedStringReference(message_, &field_,
                                                         index, &scratch);
  if (field_.type() == FieldDescriptor::TYPE_BYTES) {
    WriteBytes(value, out);
  } else {
    WriteText(value, out);
  }
}

#undef GATEWATCH_GET

void WriteMessage(const Message& message, std::string& out) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  out += '{';
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    absl::StrAppend(&out, "\"", fields[i]->name(), "\":");
    ValueWriter(message, *fields[i]).Write(out);
  }
  out += '}';
}

// --- reading -----------------------------------------------------------------

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

// Undoes WriteBytes' own escapes.
absl::StatusOr<std::string> UnescapeBytes(const std::string& text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      bytes += '\\';
      i += 1;
    } else if (i + 3 < text.size() && text[i + 1] == 'x' &&
               absl::ascii_isxdigit(text[i + 2]) &&
               absl::ascii_isxdigit(text[i + 3])) {
      bytes += absl::HexStringToBytes(text.substr(i + 2, 2));
      i += 3;
    } else {
      return Wrong("malformed escape: expected \\\\ or \\xHH");
    }
  }
  return bytes;
}

template <typename T>
absl::StatusOr<T> Integer(const json& value) {
  using Limits = std::numeric_limits<T>;
  if (value.is_number_unsigned()) {
    const auto number = value.get<uint64_t>();
    if (number <= static_cast<uint64_t>(Limits::max())) {
      return static_cast<T>(number);
    }
    return Wrong("number out of range");
  }
  if (value.is_number_integer()) {  // negative
    const auto number = value.get<int64_t>();
    if (Limits::is_signed && number >= static_cast<int64_t>(Limits::min())) {
      return static_cast<T>(number);
    }
    return Wrong("number out of range");
  }
  return Wrong("expected a whole number");
}

// Reads into one message. Its path leads every error.
class Reader {
 public:
  absl::Status ReadMessage(const json& value, Message& message);
  const std::string& path() const { return path_; }

 private:
  absl::Status ReadField(const json& value, Message& message,
                         const FieldDescriptor& field);
  absl::Status ReadOne(const json& value, Message& message,
                       const FieldDescriptor& field);
  absl::Status ReadString(const json& value, Message& message,
                          const FieldDescriptor& field);
  absl::Status ReadEnum(const json& value, Message& message,
                        const FieldDescriptor& field);

  std::string path_;
};

absl::Status Reader::ReadMessage(const json& value, Message& message) {
  if (!value.is_object()) return Wrong("expected an object");
  const Descriptor& type = *message.GetDescriptor();
  const size_t outer = path_.size();
  for (const auto& item : value.items()) {
    absl::StrAppend(&path_, outer == 0 ? "" : ".", item.key());
    const FieldDescriptor* const field = type.FindFieldByName(item.key());
    if (field == nullptr) return Wrong("unknown field");
    GATEWATCH_RETURN_IF_ERROR(ReadField(item.value(), message, *field));
    path_.resize(outer);
  }
  return absl::OkStatus();
}

absl::Status Reader::ReadField(const json& value, Message& message,
                               const FieldDescriptor& field) {
  if (field.is_repeated()) {
    if (!value.is_array()) return Wrong("expected an array");
    for (const json& element : value) {
      GATEWATCH_RETURN_IF_ERROR(ReadOne(element, message, field));
    }
    return absl::OkStatus();
  }
  const auto* const oneof = field.real_containing_oneof();
  if (oneof != nullptr && message.GetReflection()->HasOneof(message, oneof)) {
    return Wrong(absl::StrCat("more than one ", oneof->name()));
  }
  return ReadOne(value, message, field);
}

#define GATEWATCH_SET(Type, value)                           \
  do {                                                       \
    const Reflection& reflection = *message.GetReflection(); \
    if (field.is_repeated()) {                               \
      reflection.Add##Type(&message, &field, value);         \
    } else {                                                 \
      reflection.Set##Type(&message, &field, value);         \
    }                                                        \
    return absl::OkStatus();                                 \
  } while (false)
#define GATEWATCH_SET_INTEGER(Type, type)                                \
  do {                                                                   \
    GATEWATCH_ASSIGN_OR_RETURN(const type number, Integer<type>(value)); \
    GATEWATCH_SET(Type, number);                                         \
  } while (false)

absl::Status Reader::ReadOne(const json& value, Message& message,
                             const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      GATEWATCH_SET_INTEGER(Int32, int32_t);
    case FieldDescriptor::CPPTYPE_INT64:
      GATEWATCH_SET_INTEGER(Int64, int64_t);
    case FieldDescriptor::CPPTYPE_UINT32:
      GATEWATCH_SET_INTEGER(UInt32, uint32_t);
    case FieldDescriptor::CPPTYPE_UINT64:
      GATEWATCH_SET_INTEGER(UInt64, uint64_t);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      if (!value.is_number()) return Wrong("expected a number");
      GATEWATCH_SET(Double, value.get<double>());
    case FieldDescriptor::CPPTYPE_FLOAT:
      if (!value.is_number()) return Wrong("expected a number");
      GATEWATCH_SET(Float, value.get<float>());
    case FieldDescriptor::CPPTYPE_BOOL:
      if (!value.is_boolean()) return Wrong("expected true or false");
      GATEWATCH_SET(Bool, value.get<bool>());
    case FieldDescriptor::CPPTYPE_ENUM:
      return ReadEnum(value, message, field);
    case FieldDescriptor::CPPTYPE_STRING:
      return ReadString(value, message, field);
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const Reflection& reflection = *message.GetReflection();
      return ReadMessage(value,
                         field.is_repeated()
                             ? *reflection.AddMessage(&message, &field)
                             : *reflection.MutableMessage(&message, &field));
    }
  }
  return Wrong("unsupported type");
}

absl::Status Reader::ReadString(const json& value, Message& message,
                                const FieldDescriptor& field) {
  if (!value.is_string()) return Wrong("expected a string");
  const auto& text = value.get_ref<const std::string&>();
  if (field.type() != FieldDescriptor::TYPE_BYTES) GATEWATCH_SET(String, text);
  GATEWATCH_ASSIGN_OR_RETURN(std::string bytes, UnescapeBytes(text));
  GATEWATCH_SET(String, std::move(bytes));
}

absl::Status Reader::ReadEnum(const json& value, Message& message,
                              const FieldDescriptor& field) {
  // WriteEnum's form for a value of a later version.
  if (value.is_number()) GATEWATCH_SET_INTEGER(EnumValue, int32_t);
  if (!value.is_string()) return Wrong("expected a name");
  const EnumValueDescriptor* const found =
      field.enum_type()->FindValueByName(value.get_ref<const std::string&>());
  if (found == nullptr) {
    return Wrong(absl::StrCat("no such ", field.enum_type()->name()));
  }
  GATEWATCH_SET(EnumValue, found->number());
}

#undef GATEWATCH_SET
#undef GATEWATCH_SET_INTEGER

absl::StatusOr<json> ParseJson(absl::string_view text) {
  bool too_deep = false;
  const auto limit_depth = [&](int depth, json::parse_event_t event, json&) {
    const bool opens = event == json::parse_event_t::object_start ||
                       event == json::parse_event_t::array_start;
    too_deep = too_deep || (opens && depth >= kMaxDepth);
    return !too_deep;
  };
  json value;
  try {
    value = json::parse(text.begin(), text.end(), limit_depth);
  } catch (const json::exception& error) {
    return Wrong(error.what());
  }
  if (too_deep) return Wrong(absl::StrCat("nested deeper than ", kMaxDepth));
  return value;
}

}  // namespace

std::string ToJson(const Message& message) {
  std::string out;
  WriteMessage(message, out);
  return out;
}

absl::Status FromJson(absl::string_view text, Message& message) {
  message.Clear();
  GATEWATCH_ASSIGN_OR_RETURN(const json value, ParseJson(text));
  Reader reader;
  const absl::Status status = reader.ReadMessage(value, message);
  if (status.ok()) return status;
  message.Clear();
  return Wrong(reader.path().empty()
                   ? std::string(status.message())
                   : absl::StrCat(EscapeForTerminal(reader.path()), ": ",
                                  status.message()));
}

}  // namespace gatewatch
