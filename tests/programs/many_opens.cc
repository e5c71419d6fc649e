// many_opens COUNT PREFIX [ROUNDS]: creates PREFIX0 to PREFIX(COUNT-1), one
// open each, opens them all again in each further round, and checks every
// call.
#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "tests/programs/require.h"

int main(int argc, char** argv) {
  const int count = atoi(argv[1]);
  const int rounds = argc > 3 ? atoi(argv[3]) : 1;
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < count; ++i) {
      const std::string path = argv[2] + std::to_string(i);
      REQUIRE_CALL(
          close(REQUIRE_CALL(open(path.c_str(), O_CREAT | O_WRONLY, 0600))));
    }
  }
  printf("%d opens\n", count * rounds);
  return 0;
}
