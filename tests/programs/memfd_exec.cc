// Copies /bin/true into an anonymous memory file and executes that.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/programs/require.h"

int main() {
  const int from = REQUIRE_CALL(open("/bin/true", O_RDONLY));
  const int memory = REQUIRE_CALL(memfd_create("payload", MFD_CLOEXEC));
  struct stat status;
  REQUIRE_CALL(fstat(from, &status));
  REQUIRE_CALL(sendfile(memory, from, nullptr, status.st_size));
  char* const argv[] = {const_cast<char*>("quiet"), nullptr};
  REQUIRE_CALL(fexecve(memory, argv, environ));
  return 98;
}
