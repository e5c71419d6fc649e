// many_opens COUNT PREFIX: creates PREFIX0 to PREFIX(COUNT-1), one open each,
// and checks every call.
#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "tests/programs/require.h"

int main(int, char** argv) {
  const int count = atoi(argv[1]);
  for (int i = 0; i < count; ++i) {
    const std::string path = argv[2] + std::to_string(i);
    REQUIRE_CALL(
        close(REQUIRE_CALL(open(path.c_str(), O_CREAT | O_WRONLY, 0600))));
  }
  printf("%d opens\n", count);
  return 0;
}
