#include "tests/unit/probes/bpf_record_maker.h"

namespace gatewatch::testing {
namespace {

template <typename T>
void AppendStruct(std::string& to, const T& value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

}  // namespace

void RecordMaker::Add(gw_section_kind kind, int subject,
                      absl::string_view bytes, uint64_t address,
                      uint8_t flags) {
  gw_section section = {};
  section.kind = static_cast<__u16>(kind);
  section.subject = static_cast<__u8>(subject);
  section.flags = flags;
  section.size = static_cast<__u32>(bytes.size());
  section.address = address;
  AppendStruct(sections_, section);
  sections_.append(bytes.data(), bytes.size());
  sections_.resize((sections_.size() + 7) / 8 * 8);
}

std::string RecordMaker::Bytes() const {
  gw_record head = head_;
  head.data_size = static_cast<__u32>(sections_.size());
  std::string bytes;
  AppendStruct(bytes, head);
  bytes += sections_;
  return bytes;
}

}  // namespace gatewatch::testing
