#ifndef GATEWATCH_BASE_BASE32_H_
#define GATEWATCH_BASE_BASE32_H_

#include <cstdint>
#include <string>

namespace gatewatch {

// 64 bits as 13 lowercase digits of Crockford's base 32 (no i, l, o, u), the
// form in which the project writes identities that people type.
std::string Base32(uint64_t value);

}  // namespace gatewatch

#endif  // GATEWATCH_BASE_BASE32_H_
