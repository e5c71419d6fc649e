#ifndef GATEWATCH_IAC_FARGATE_SIZES_H_
#define GATEWATCH_IAC_FARGATE_SIZES_H_

#include <optional>
#include <string>

namespace gatewatch::iac {

// In CPU units: "256", ".25 vCPU". In MiB: "512", "0.5 GB". No value when the
// text is no size.
std::optional<double> CpuUnits(const std::string& text);
std::optional<double> MebiBytes(const std::string& text);

// What memory Fargate has for so much CPU: "512, 1024 or 2048 MiB"; empty when
// it has no such CPU.
std::string MemoryFor(double cpu);

// Whether Fargate has a task of this size.
bool IsFargateSize(double cpu, double memory);

}  // namespace gatewatch::iac

#endif  // GATEWATCH_IAC_FARGATE_SIZES_H_
