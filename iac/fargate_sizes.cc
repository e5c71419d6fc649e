#include "iac/fargate_sizes.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace gatewatch::iac {
namespace {

struct Row {
  int cpu;
  int least;
  int most;
  int step;  // 0: only powers of two from the least
};

constexpr Row kSizes[] = {
    {256, 512, 2048, 0},         {512, 1024, 4096, 1024},
    {1024, 2048, 8192, 1024},    {2048, 4096, 16384, 1024},
    {4096, 8192, 30720, 1024},   {8192, 16384, 61440, 4096},
    {16384, 32768, 122880, 8192}};

const Row* Find(double cpu) {
  for (const Row& row : kSizes) {
    if (row.cpu == cpu) return &row;
  }
  return nullptr;
}

std::optional<double> Size(const std::string& text, absl::string_view unit,
                           double factor) {
  const std::string lower = absl::AsciiStrToLower(text);
  absl::string_view number = absl::StripAsciiWhitespace(lower);
  const bool scaled = absl::ConsumeSuffix(&number, unit);
  double value = 0;
  if (!absl::SimpleAtod(absl::StripAsciiWhitespace(number), &value) ||
      !std::isfinite(value)) {
    return std::nullopt;
  }
  return scaled ? value * factor : value;
}

}  // namespace

std::optional<double> CpuUnits(const std::string& text) {
  return Size(text, "vcpu", 1024);
}

std::optional<double> MebiBytes(const std::string& text) {
  return Size(text, "gb", 1024);
}

std::string MemoryFor(double cpu) {
  const Row* row = Find(cpu);
  if (row == nullptr) return "";
  if (row->step == 0) return "512, 1024 or 2048 MiB";
  return absl::StrCat(row->least, " to ", row->most, " MiB in steps of ",
                      row->step);
}

bool IsFargateSize(double cpu, double memory) {
  const Row* row = Find(cpu);
  if (row == nullptr || memory < row->least || memory > row->most) return false;
  if (row->step == 0) {
    return memory == 512 || memory == 1024 || memory == 2048;
  }
  return std::fmod(memory - row->least, row->step) == 0;
}

}  // namespace gatewatch::iac
