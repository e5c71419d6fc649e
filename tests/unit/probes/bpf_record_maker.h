#ifndef GATEWATCH_TESTS_UNIT_PROBES_BPF_RECORD_MAKER_H_
#define GATEWATCH_TESTS_UNIT_PROBES_BPF_RECORD_MAKER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "probes/bpf/abi.h"

namespace gatewatch::testing {

// Puts a record together as the BPF programs do.
class RecordMaker {
 public:
  explicit RecordMaker(gw_record_kind kind) { head_.kind = kind; }

  gw_record& head() { return head_; }
  void Add(gw_section_kind kind, int subject, absl::string_view bytes,
           uint64_t address = 0, uint8_t flags = 0);
  template <typename T>
  void AddStruct(gw_section_kind kind, int subject, const T& value) {
    Add(kind, subject, {reinterpret_cast<const char*>(&value), sizeof(value)});
  }

  std::string Bytes() const;

 private:
  gw_record head_ = {};
  std::string sections_;
};

}  // namespace gatewatch::testing

#endif  // GATEWATCH_TESTS_UNIT_PROBES_BPF_RECORD_MAKER_H_
