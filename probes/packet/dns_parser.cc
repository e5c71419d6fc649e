#include "probes/packet/dns_parser.h"

#include <utility>

#include "absl/strings/ascii.h"

namespace gatewatch::probes {
namespace {

constexpr size_t kHeaderSize = 12;
// Servers answer one question at most; a few are let through as they are.
constexpr size_t kMaxQuestions = 8;
constexpr size_t kMaxAnswers = 64;
constexpr size_t kMaxNameBytes = 255;  // RFC 1035, 2.3.4, on the wire

enum Type : uint16_t {
  kA = 1,
  kNs = 2,
  kCname = 5,
  kPtr = 12,
  kMx = 15,
  kAaaa = 28,
  kSrv = 33,
};

// Reads a message from front to back; anything beyond its end is a failure.
class Reader {
 public:
  explicit Reader(absl::string_view message) : message_(message) {}

  size_t position() const { return position_; }
  void MoveTo(size_t position) { position_ = position; }

  bool Read8(uint8_t& value) {
    if (position_ >= message_.size()) return false;
    value = static_cast<uint8_t>(message_[position_++]);
    return true;
  }

  bool Read16(uint16_t& value) {
    uint8_t high = 0, low = 0;
    if (!Read8(high) || !Read8(low)) return false;
    value = static_cast<uint16_t>(high << 8 | low);
    return true;
  }

  bool Read32(uint32_t& value) {
    uint16_t high = 0, low = 0;
    if (!Read16(high) || !Read16(low)) return false;
    value = uint32_t{high} << 16 | low;
    return true;
  }

  bool ReadBytes(size_t count, absl::string_view& bytes) {
    if (message_.size() - position_ < count) return false;
    bytes = message_.substr(position_, count);
    position_ += count;
    return true;
  }

  // A name, with what it refers to of the message before it.
  bool ReadName(std::string& name);

 private:
  bool ReadLabel(size_t length, std::string& name);

  const absl::string_view message_;
  size_t position_ = 0;
};

bool Reader::ReadLabel(size_t length, std::string& name) {
  absl::string_view label;
  if (!ReadBytes(length, label)) return false;
  if (!name.empty()) name += '.';
  for (const char c : label) {
    if (c == '.' || c == '\\') name += '\\';
    name += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return true;
}

bool Reader::ReadName(std::string& name) {
  name.clear();
  size_t wire_bytes = 1;       // the root label
  size_t bound = position_;    // where a pointer has to lead before
  std::optional<size_t> next;  // what follows the name, once it has jumped
  while (true) {
    uint8_t length = 0;
    if (!Read8(length)) return false;
    if (length == 0) break;
    if (length < 0x40) {
      wire_bytes += length + size_t{1};
      if (wire_bytes > kMaxNameBytes || !ReadLabel(length, name)) return false;
      continue;
    }
    uint8_t low = 0;
    if (length < 0xc0 || !Read8(low)) return false;
    const size_t target = size_t{length & 0x3fu} << 8 | low;
    // Each jump leads before where the last began: none can come round.
    if (target >= bound) return false;
    if (!next) next = position_;
    bound = target;
    position_ = target;
  }
  if (next) position_ = *next;
  if (name.empty()) name = ".";
  return true;
}

bool ReadQuestion(Reader& reader, DnsQuestion& question) {
  return reader.ReadName(question.name) && reader.Read16(question.type) &&
         reader.Read16(question.record_class);
}

// The name in a record's data, behind `skip` bytes of other things.
bool ReadTarget(Reader& reader, size_t skip, std::string& text) {
  absl::string_view skipped;
  return reader.ReadBytes(skip, skipped) && reader.ReadName(text);
}

bool ReadData(Reader& reader, DnsRecord& record) {
  switch (record.type) {
    case kA:
    case kAaaa: {
      const size_t size = record.type == kA ? 4 : 16;
      absl::string_view ip;
      if (record.size != size || !reader.ReadBytes(size, ip)) return false;
      record.ip = std::string(ip);
      return true;
    }
    case kNs:
    case kCname:
    case kPtr:
      return ReadTarget(reader, 0, record.text);
    case kMx:
      return ReadTarget(reader, 2, record.text);
    case kSrv:
      return ReadTarget(reader, 6, record.text);
    default:
      return true;
  }
}

bool ReadAnswer(Reader& reader, DnsRecord& record) {
  uint16_t record_class = 0, size = 0;
  if (!reader.ReadName(record.name) || !reader.Read16(record.type) ||
      !reader.Read16(record_class) || !reader.Read32(record.ttl) ||
      !reader.Read16(size)) {
    return false;
  }
  record.size = size;
  const size_t data = reader.position();
  absl::string_view all;
  if (!reader.ReadBytes(size, all)) return false;
  reader.MoveTo(data);
  if (!ReadData(reader, record) || reader.position() > data + size) {
    return false;
  }
  reader.MoveTo(data + size);
  return true;
}

}  // namespace

std::optional<DnsMessage> ParseDns(absl::string_view bytes) {
  if (bytes.size() < kHeaderSize) return std::nullopt;
  Reader reader(bytes);
  DnsMessage message;
  uint16_t flags = 0, questions = 0, answers = 0;
  reader.Read16(message.id);
  reader.Read16(flags);
  reader.Read16(questions);
  reader.Read16(answers);
  reader.MoveTo(kHeaderSize);
  message.response = (flags & 0x8000) != 0;
  message.opcode = flags >> 11 & 0xf;
  message.truncated = (flags & 0x0200) != 0;
  message.rcode = flags & 0xf;
  if (questions > kMaxQuestions) return std::nullopt;
  for (; questions > 0; --questions) {
    DnsQuestion question;
    if (!ReadQuestion(reader, question)) return std::nullopt;
    message.questions.push_back(std::move(question));
  }
  for (; answers > 0; --answers) {
    DnsRecord record;
    if (message.answers.size() == kMaxAnswers || !ReadAnswer(reader, record)) {
      message.truncated = true;
      break;
    }
    message.answers.push_back(std::move(record));
  }
  return message;
}

}  // namespace gatewatch::probes
