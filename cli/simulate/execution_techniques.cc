#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "cli/simulate/child_process.h"
#include "cli/simulate/steps.h"
#include "cli/simulate/techniques.h"

namespace gatewatch::cli {
namespace {

constexpr int kHashedWithinMs = 500;

absl::Status MakeExecutable(const std::string& path) {
  if (chmod(path.c_str(), 0700) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, absl::StrCat("chmod ", path));
}

absl::Status SimulateMemoryExecution(const SimulationContext& context) {
  const UniqueFd memory(memfd_create("gatewatch-simulation", MFD_CLOEXEC));
  if (!memory.valid()) return ErrnoStatus(errno, "memfd_create");
  const std::string path = absl::StrCat("/proc/self/fd/", memory.get());
  GATEWATCH_RETURN_IF_ERROR(CopyHarmlessProgram(path));
  context.out << "  executing " << HarmlessProgram()
              << " from an anonymous file\n";
  ChildProcess child([&memory] {
    char name[] = "true";
    char* argv[] = {name, nullptr};
    fexecve(memory.get(), argv, environ);
    return 1;
  });
  return child.Wait();
}

absl::Status SimulateNewFileExecution(const SimulationContext& context) {
  const std::string path = absl::StrCat(context.directory, "/new-program");
  GATEWATCH_RETURN_IF_ERROR(CopyHarmlessProgram(path));
  GATEWATCH_RETURN_IF_ERROR(MakeExecutable(path));
  context.out << "  executing " << path << ", a copy of " << HarmlessProgram()
              << '\n';
  return RunProgram(path, {"true"});
}

absl::Status SimulateDownloadExecution(const SimulationContext& context) {
  const std::string path = absl::StrCat(context.directory, "/payload");
  context.out << "  as curl, writing " << HarmlessProgram() << " to " << path
              << "; making it executable; executing it\n";
  GATEWATCH_RETURN_IF_ERROR(RunStepAs(context, "curl", "download", path));
  GATEWATCH_RETURN_IF_ERROR(MakeExecutable(path));
  return RunProgram(path, {"true"});
}

absl::Status SimulateHiddenExecution(const SimulationContext& context) {
  const std::string folder = absl::StrCat(context.directory, "/.hidden");
  if (mkdir(folder.c_str(), 0700) != 0) return ErrnoStatus(errno, folder);
  const std::string path = absl::StrCat(folder, "/program");
  GATEWATCH_RETURN_IF_ERROR(CopyHarmlessProgram(path));
  GATEWATCH_RETURN_IF_ERROR(MakeExecutable(path));
  context.out << "  executing " << path << '\n';
  return RunProgram(path, {"true"});
}

absl::Status SimulateDisguise(const SimulationContext& context) {
  context.out << "  executing this program as [kworker/0:1]\n";
  return RunProgram(context.self,
                    {"[kworker/0:1]", kStepCommand, "nothing", "-"});
}

// The smallest program: it ends. What it is, not what it does, is on the lists
// of hashes, so it has to be the same everywhere.
std::string SampleProgram(absl::string_view mark) {
  constexpr uint64_t kBase = 0x400000;
  constexpr uint16_t kHeaders = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);
#if defined(__x86_64__)
  constexpr uint16_t kMachine = EM_X86_64;
  // xor edi, edi; mov eax, 231 (exit_group); syscall
  constexpr unsigned char kCode[] = {0x31, 0xff, 0xb8, 0xe7, 0x00,
                                     0x00, 0x00, 0x0f, 0x05};
#elif defined(__aarch64__)
  constexpr uint16_t kMachine = EM_AARCH64;
  // mov x0, 0; mov x8, 94 (exit_group); svc 0
  constexpr unsigned char kCode[] = {0x00, 0x00, 0x80, 0xd2, 0xc8, 0x0b,
                                     0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4};
#endif
  const uint64_t size = kHeaders + sizeof(kCode) + mark.size();
  Elf64_Ehdr file = {};
  std::memcpy(file.e_ident, ELFMAG, SELFMAG);
  file.e_ident[EI_CLASS] = ELFCLASS64;
  file.e_ident[EI_DATA] = ELFDATA2LSB;
  file.e_ident[EI_VERSION] = EV_CURRENT;
  file.e_type = ET_EXEC;
  file.e_machine = kMachine;
  file.e_version = EV_CURRENT;
  file.e_entry = kBase + kHeaders;
  file.e_phoff = sizeof(file);
  file.e_ehsize = sizeof(file);
  file.e_phentsize = sizeof(Elf64_Phdr);
  file.e_phnum = 1;
  Elf64_Phdr segment = {};
  segment.p_type = PT_LOAD;
  segment.p_flags = PF_R | PF_X;
  segment.p_vaddr = kBase;
  segment.p_paddr = kBase;
  segment.p_filesz = size;
  segment.p_memsz = size;
  segment.p_align = 0x1000;
  std::string program(reinterpret_cast<const char*>(&file), sizeof(file));
  program.append(reinterpret_cast<const char*>(&segment), sizeof(segment));
  program.append(reinterpret_cast<const char*>(kCode), sizeof(kCode));
  return program.append(mark.data(), mark.size());
}

absl::Status ExecuteSample(const SimulationContext& context,
                           absl::string_view mark) {
  const std::string path = absl::StrCat(context.directory, "/sample");
  {
    std::ofstream file(path, std::ios::binary);
    file << SampleProgram(mark);
    if (!file) return absl::InternalError(absl::StrCat("cannot write ", path));
  }
  GATEWATCH_RETURN_IF_ERROR(MakeExecutable(path));
  context.out << "  executing " << path << ", whose hash is on the list\n";
  GATEWATCH_RETURN_IF_ERROR(RunProgram(path, {"sample"}));
  // The file is hashed after the program went on: it has to be there still.
  poll(nullptr, 0, kHashedWithinMs);
  return absl::OkStatus();
}

absl::Status SimulatePreload(const SimulationContext& context) {
  const std::string library = absl::StrCat(context.directory, "/none.so");
  context.out << "  executing " << HarmlessProgram()
              << " with LD_PRELOAD=" << library << ", which is not there\n";
  ChildProcess child([&library] {
    const UniqueFd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
    dup2(null.get(), STDERR_FILENO);  // the loader's complaint
    setenv("LD_PRELOAD", library.c_str(), 1);
    return Execute(std::string(HarmlessProgram()), {"true"});
  });
  return child.Wait();
}

absl::Status SimulateNewLibrary(const SimulationContext& context) {
  const std::string path = absl::StrCat(context.directory, "/libsample.so");
  context.out << "  as curl, writing " << path << "; as nginx, opening it\n";
  GATEWATCH_RETURN_IF_ERROR(RunStepAs(context, "curl", "download", path));
  return RunStepAs(context, "nginx", "open", path);
}

using Context = const SimulationContext&;

constexpr Simulation kSimulations[] = {
    {"memory-execution", "Execution from memory", "T1620",
     "a program that lies in no file system is executed",
     SimulateMemoryExecution},
    {"new-file-execution", "Execution of a new file", "T1204.002",
     "a program that is not part of the image is executed",
     SimulateNewFileExecution},
    {"download-execution", "Downloaded file executed", "T1105",
     "curl writes a program, which is made executable and executed",
     SimulateDownloadExecution},
    {"hidden-execution", "Execution from shared memory or a hidden folder",
     "T1564.001", "a program in a hidden folder is executed",
     SimulateHiddenExecution},
    {"disguise", "Process disguised as a kernel thread", "T1036.005",
     "a program calls itself [kworker/0:1]", SimulateDisguise},
    {"malicious-file", "Known malicious file executed", "T1204.002",
     "a program of the list malicious_hashes is executed",
     [](Context context) {
       return ExecuteSample(context, "gatewatch simulation: malicious");
     }},
    {"custom-threat", "File of the custom threat list executed", "T1204.002",
     "a program of the list custom_malicious_hashes is executed",
     [](Context context) {
       return ExecuteSample(context, "gatewatch simulation: custom");
     }},
    {"preload", "Library preloaded from a writable folder", "T1574.006",
     "a program is started with LD_PRELOAD", SimulatePreload},
    {"new-library", "New library loaded", "T1129",
     "nginx opens a library that curl wrote", SimulateNewLibrary},
};

}  // namespace

absl::Span<const Simulation> ExecutionSimulations() { return kSimulations; }

}  // namespace gatewatch::cli
