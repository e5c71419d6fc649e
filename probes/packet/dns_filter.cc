#include "probes/packet/dns_filter.h"

#include <linux/if_arp.h>
#include <linux/if_packet.h>
#include <netinet/in.h>

namespace gatewatch::probes {
namespace {

constexpr uint32_t kIpv6HeaderSize = 40;
constexpr uint32_t kAll = 0xffff;  // no packet is longer

// Writes a program whose jumps name their target before that is known.
class Assembler {
 public:
  enum Label : uint8_t {
    kNext,
    kIpv4,
    kIpv6,
    kExtension,
    kPorts,
    kPass,
    kDrop,
    kLabels
  };

  void Do(int code, uint32_t operand = 0) {
    program_.push_back({static_cast<uint16_t>(code), 0, 0, operand});
  }

  // Labels stand in the jump offsets until Finish() replaces them.
  void Jump(int test, uint32_t operand, Label if_true, Label if_false) {
    program_.push_back({static_cast<uint16_t>(BPF_JMP | test | BPF_K), if_true,
                        if_false, operand});
  }

  void Place(Label label) { places_[label] = program_.size(); }

  std::vector<sock_filter> Finish() {
    for (size_t at = 0; at < program_.size(); ++at) {
      sock_filter& step = program_[at];
      if (BPF_CLASS(step.code) != BPF_JMP) continue;
      step.jt = Offset(at, step.jt);
      step.jf = Offset(at, step.jf);
    }
    return program_;
  }

 private:
  uint8_t Offset(size_t at, uint8_t label) const {
    return label == kNext ? 0 : static_cast<uint8_t>(places_[label] - at - 1);
  }

  std::vector<sock_filter> program_;
  size_t places_[kLabels] = {};
};

using enum Assembler::Label;

constexpr uint32_t Ancillary(uint32_t which) {
  return static_cast<uint32_t>(SKF_AD_OFF) + which;
}

void DropLoopbackCopies(Assembler& out) {
  // Asked for the device only then: a packet without one would be dropped.
  out.Do(BPF_LD | BPF_W | BPF_ABS, Ancillary(SKF_AD_PKTTYPE));
  out.Jump(BPF_JEQ, PACKET_OUTGOING, kNext, kIpv4);
  out.Do(BPF_LD | BPF_W | BPF_ABS, Ancillary(SKF_AD_HATYPE));
  out.Jump(BPF_JEQ, ARPHRD_LOOPBACK, kDrop, kNext);
}

void FindPortsIpv4(Assembler& out) {
  out.Place(kIpv4);
  out.Do(BPF_LD | BPF_B | BPF_ABS, 0);
  out.Do(BPF_ALU | BPF_RSH | BPF_K, 4);
  out.Jump(BPF_JEQ, 4, kNext, kIpv6);
  out.Do(BPF_LD | BPF_H | BPF_ABS, 6);
  out.Jump(BPF_JSET, 0x1fff, kDrop, kNext);
  out.Do(BPF_LDX | BPF_B | BPF_MSH, 0);
  out.Do(BPF_LD | BPF_B | BPF_ABS, 9);
  out.Jump(BPF_JEQ, IPPROTO_UDP, kPorts, kNext);
  out.Jump(BPF_JEQ, IPPROTO_TCP, kPorts, kDrop);
}

void FindPortsIpv6(Assembler& out) {
  out.Place(kIpv6);
  out.Jump(BPF_JEQ, 6, kNext, kDrop);
  out.Do(BPF_LDX | BPF_W | BPF_IMM, kIpv6HeaderSize);
  out.Do(BPF_LD | BPF_B | BPF_ABS, 6);
  out.Jump(BPF_JEQ, IPPROTO_UDP, kPorts, kNext);
  out.Jump(BPF_JEQ, IPPROTO_TCP, kPorts, kNext);
  out.Jump(BPF_JEQ, IPPROTO_HOPOPTS, kExtension, kNext);
  out.Jump(BPF_JEQ, IPPROTO_ROUTING, kExtension, kNext);
  out.Jump(BPF_JEQ, IPPROTO_DSTOPTS, kExtension, kDrop);
  out.Place(kExtension);
  out.Do(BPF_LD | BPF_B | BPF_ABS, kIpv6HeaderSize + 1);
  out.Do(BPF_ALU | BPF_ADD | BPF_K, 1);
  out.Do(BPF_ALU | BPF_LSH | BPF_K, 3);
  out.Do(BPF_ALU | BPF_ADD | BPF_K, kIpv6HeaderSize);
  out.Do(BPF_MISC | BPF_TAX);
  out.Do(BPF_LD | BPF_B | BPF_ABS, kIpv6HeaderSize);
  out.Jump(BPF_JEQ, IPPROTO_UDP, kPorts, kNext);
  out.Jump(BPF_JEQ, IPPROTO_TCP, kPorts, kDrop);
}

}  // namespace

std::vector<sock_filter> BuildDnsFilter() {
  Assembler out;
  DropLoopbackCopies(out);
  FindPortsIpv4(out);
  FindPortsIpv6(out);
  out.Place(kPorts);  // X: where the transport header begins
  out.Do(BPF_LD | BPF_H | BPF_IND, 0);
  out.Jump(BPF_JEQ, kDnsPort, kPass, kNext);
  out.Do(BPF_LD | BPF_H | BPF_IND, 2);
  out.Jump(BPF_JEQ, kDnsPort, kPass, kDrop);
  out.Place(kPass);
  out.Do(BPF_RET | BPF_K, kAll);
  out.Place(kDrop);
  out.Do(BPF_RET | BPF_K, 0);
  return out.Finish();
}

}  // namespace gatewatch::probes
