#ifndef GATEWATCH_PROBES_PACKET_DNS_PARSER_H_
#define GATEWATCH_PROBES_PACKET_DNS_PARSER_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "probes/observation.h"

namespace gatewatch::probes {

// Reads a DNS message (RFC 1035, 4.1; RFC 2181) of any content: header,
// questions and answers. Authority and additional records are not looked at.
// Nothing when header or questions are malformed: then it is no DNS. Answers
// that are malformed, or more than 64, end the message, which is marked.
// `socket` and `solicited` stay at their defaults.
std::optional<DnsMessage> ParseDns(absl::string_view bytes);

}  // namespace gatewatch::probes

#endif  // GATEWATCH_PROBES_PACKET_DNS_PARSER_H_
