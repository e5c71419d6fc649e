#include "proto/dns_names.h"

#include "absl/strings/str_cat.h"

namespace gatewatch {
namespace {

struct Row {
  uint32_t number;
  const char* name;
};

constexpr Row kTypes[] = {
    {1, "A"},     {2, "NS"},     {5, "CNAME"},  {6, "SOA"},    {10, "NULL"},
    {12, "PTR"},  {13, "HINFO"}, {15, "MX"},    {16, "TXT"},   {28, "AAAA"},
    {33, "SRV"},  {35, "NAPTR"}, {43, "DS"},    {46, "RRSIG"}, {48, "DNSKEY"},
    {52, "TLSA"}, {64, "SVCB"},  {65, "HTTPS"}, {251, "IXFR"}, {252, "AXFR"},
    {255, "ANY"}, {257, "CAA"},
};

constexpr Row kReturnCodes[] = {
    {0, "NOERROR"}, {1, "FORMERR"}, {2, "SERVFAIL"}, {3, "NXDOMAIN"},
    {4, "NOTIMP"},  {5, "REFUSED"}, {6, "YXDOMAIN"}, {7, "YXRRSET"},
    {8, "NXRRSET"}, {9, "NOTAUTH"}, {10, "NOTZONE"},
};

template <size_t kSize>
std::string NameIn(const Row (&rows)[kSize], uint32_t number,
                   const char* otherwise) {
  for (const Row& row : rows) {
    if (row.number == number) return row.name;
  }
  return absl::StrCat(otherwise, number);
}

}  // namespace

std::string DnsTypeName(uint32_t type) { return NameIn(kTypes, type, "TYPE"); }

std::string DnsReturnCodeName(uint32_t rcode) {
  return NameIn(kReturnCodes, rcode, "RCODE");
}

}  // namespace gatewatch
