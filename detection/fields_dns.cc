// dns.*: DNS questions and answers. Their ends are in fd.*.

#include "detection/field.h"
#include "proto/dns_names.h"

namespace gatewatch::detection {
namespace {

void Text(absl::string_view text, Values& values) {
  if (!text.empty()) values.push_back(TextValue(text));
}

void IsResponse(const EventView& view, const FieldArgument&, Values& values) {
  if (!view.event->has_dns()) return;
  values.push_back(BoolValue(view.event->dns().response()));
}

void IsSolicited(const EventView& view, const FieldArgument&, Values& values) {
  if (!view.event->has_dns()) return;
  values.push_back(BoolValue(view.event->dns().solicited()));
}

void QuestionName(const EventView& view, const FieldArgument&, Values& values) {
  for (const v1::DnsQuestion& question : view.event->dns().questions()) {
    Text(question.name(), values);
  }
}

// The name and each domain that it lies in: a list of domains then covers what
// is below them, and a lookup for each label is all it costs.
void QuestionDomains(const EventView& view, const FieldArgument&,
                     Values& values) {
  for (const v1::DnsQuestion& question : view.event->dns().questions()) {
    absl::string_view rest = question.name();
    while (!rest.empty()) {
      Text(rest, values);
      const size_t dot = rest.find('.');
      rest = dot == absl::string_view::npos ? "" : rest.substr(dot + 1);
    }
  }
}

void QuestionLength(const EventView& view, const FieldArgument&,
                    Values& values) {
  for (const v1::DnsQuestion& question : view.event->dns().questions()) {
    values.push_back(NumberValue(static_cast<int64_t>(question.name().size())));
  }
}

void QuestionType(const EventView& view, const FieldArgument&, Values& values) {
  for (const v1::DnsQuestion& question : view.event->dns().questions()) {
    Text(DnsTypeName(question.type()), values);
  }
}

void ReturnCode(const EventView& view, const FieldArgument&, Values& values) {
  const v1::DnsMessage& dns = view.event->dns();
  if (dns.response()) Text(DnsReturnCodeName(dns.rcode()), values);
}

void AnswerIp(const EventView& view, const FieldArgument&, Values& values) {
  for (const v1::DnsRecord& answer : view.event->dns().answers()) {
    if (!answer.ip().empty()) values.push_back(AddressValue(answer.ip()));
  }
}

void AnswerName(const EventView& view, const FieldArgument&, Values& values) {
  for (const v1::DnsRecord& answer : view.event->dns().answers()) {
    Text(answer.text(), values);
  }
}

void AnswerType(const EventView& view, const FieldArgument&, Values& values) {
  for (const v1::DnsRecord& answer : view.event->dns().answers()) {
    Text(DnsTypeName(answer.type()), values);
  }
}

void AnswerCount(const EventView& view, const FieldArgument&, Values& values) {
  const v1::DnsMessage& dns = view.event->dns();
  if (dns.response()) values.push_back(NumberValue(dns.answers_size()));
}

void AnswerSize(const EventView& view, const FieldArgument&, Values& values) {
  const v1::DnsMessage& dns = view.event->dns();
  int64_t bytes = 0;
  for (const v1::DnsRecord& answer : dns.answers()) bytes += answer.size();
  if (dns.response()) values.push_back(NumberValue(bytes));
}

using enum ValueType;

constexpr FieldRow kFields[] = {
    {"dns.response", kBool, IsResponse, "an answer, no question"},
    {"dns.solicited", kBool, IsSolicited, "an answer to a question seen"},
    {"dns.question.name", kText, QuestionName, "the name asked for"},
    {"dns.question.domains", kText, QuestionDomains,
     "the name asked for and each domain it lies in", ArgumentKind::kNone,
     true},
    {"dns.question.length", kNumber, QuestionLength, "its length in bytes"},
    {"dns.question.type", kText, QuestionType, "A, AAAA, TXT …"},
    {"dns.rcode", kText, ReturnCode, "NOERROR, NXDOMAIN …"},
    {"dns.answers.ip", kAddress, AnswerIp, "addresses in the answer"},
    {"dns.answers.name", kText, AnswerName, "names in the answer"},
    {"dns.answers.type", kText, AnswerType, "types of its records"},
    {"dns.answers.count", kNumber, AnswerCount, "how many records"},
    {"dns.answers.size", kNumber, AnswerSize, "bytes of their data"},
};

}  // namespace

absl::Span<const FieldRow> DnsFields() { return kFields; }

}  // namespace gatewatch::detection
