#ifndef GATEWATCH_TESTS_UNIT_IAC_TEMPLATE_MAKER_H_
#define GATEWATCH_TESTS_UNIT_IAC_TEMPLATE_MAKER_H_

#include <random>
#include <string>

namespace gatewatch::iac {

// Makes files of all kinds that inject reads, each written in another style:
// indentation, flow or block, quotes, comments, line breaks, byte order mark.
// The same seed makes the same file.
class TemplateMaker {
 public:
  explicit TemplateMaker(unsigned seed) : random_(seed) {}

  std::string Json();
  std::string Yaml();

 private:
  std::mt19937 random_;
};

}  // namespace gatewatch::iac

#endif  // GATEWATCH_TESTS_UNIT_IAC_TEMPLATE_MAKER_H_
